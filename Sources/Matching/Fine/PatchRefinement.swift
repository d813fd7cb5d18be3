// The optional last step of the two-step refinement: all of the first image's cell, not just its centre, against a
// window of the second image re-centred on the current estimate; a small network reads the sub-pixel correction off
// the correlations (definition: training/model, `patch_regression`).

import CKernels
import Tensor

/// Settings: `window` (samples per side, odd), `channels` (of the hidden layers). Tensors: 0, 2, 4.
struct PatchRefinement: Sendable {
  /// Estimates are clipped to this many fine pixels from the cell's centre, each way.
  static let reach = 6

  /// Samples per side of the window.
  private let side: Int
  /// Side of the first image's patch, in fine pixels.
  private let patchSide: Int
  private let channels: Int
  private let layers: [Linear]

  init(_ settings: Settings, patchSide: Int, channels: Int, from parameters: Parameters) throws {
    let side = try settings.integer("window", in: 3...9)
    guard side % 2 == 1 else {
      throw SettingsError.outOfRange(
        path: settings.at("window"), value: Double(side), allowed: "an odd number")
    }
    (self.side, self.patchSide, self.channels) = (side, patchSide, channels)
    let extents = [patchSide * patchSide * side * side] + (try settings.integers("channels")) + [2]
    layers = try zip(extents, extents.dropFirst()).enumerated().map { index, extents in
      try Linear(extents.0, extents.1, bias: true, from: parameters.scope("\(2 * index)"))
    }
  }

  /// Per match.
  var multiplyAdds: Int { patchSide * patchSide * side * side * channels + layers.multiplyAdds }

  /// Refines `estimates`, in fine pixels from the second cells' centres. A centre is given by the pixel below and right
  /// of it.
  func callAsFunction(
    _ map0: FineMap, _ centres0: [SIMD2<Int>], _ map1: FineMap, _ centres1: [SIMD2<Int>],
    estimates: [SIMD2<Float>]
  ) -> [SIMD2<Float>] {
    let limit = SIMD2(repeating: Float(Self.reach))
    // Features that overflowed give no position to sample at.
    let starts = estimates.map { estimate in
      estimate.x.isFinite && estimate.y.isFinite
        ? estimate.clamped(lowerBound: -limit, upperBound: limit) : .zero
    }
    let corrections = layers.corrections(rows: starts.count) { rows in
      correlate(map0, centres0, map1, centres1, starts, into: rows)
    }
    return zip(starts, corrections).map { $0 + $1 }
  }

  /// Cosine similarities [patchSide * patchSide, side * side] of each match.
  private func correlate(
    _ map0: FineMap, _ centres0: [SIMD2<Int>], _ map1: FineMap, _ centres1: [SIMD2<Int>],
    _ starts: [SIMD2<Float>], into rows: UnsafeMutablePointer<Float>
  ) {
    let (patchPixels, samples) = (patchSide * patchSide, side * side)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: (patchPixels + samples) * channels) { scratch in
      guard let patch = scratch.baseAddress else { return }
      let sampled = patch + patchPixels * channels
      for (match, start) in starts.enumerated() {
        map0.copySquare(from: centres0[match] &- patchSide / 2, side: patchSide, to: patch)
        // The estimate counts from the corner between four pixels.
        let centre = SIMD2(Float(centres1[match].x), Float(centres1[match].y)) - 0.5
        let first = centre + start - Float(side / 2)
        ck_bilinear_square(map1.elements, map1.height, map1.width, channels, first.y, first.x, side, sampled)
        ck_normalize_rows(patch, 1e-12, patchPixels + samples, channels)
        matrixProduct(
          rows: patchPixels, columns: samples, inner: channels, left: MatrixView(patch, stride: channels),
          right: MatrixView(sampled, stride: channels, transposed: true),
          result: rows + match * patchPixels * samples, resultStride: samples)
      }
    }
  }
}
