// The optional last step of the two-step refinement: all of the first image's cell, not its centre alone, against a
// window of the second image that is re-centred on the estimate so far; a small network reads the sub-pixel
// correction off the correlations (definition: training/model, `patch_regression`).

import CKernels
import Glibc
import Tensor

/// Corrects an estimate from patch-to-window correlations. Settings: `window` (samples a side, odd), `channels` (of
/// the hidden layers). Tensors: 0, 2, 4.
struct PatchRefinement: Sendable {
  /// Estimates are clipped to this many fine pixels from the cell's centre, each way.
  static let reach = 6

  /// Samples a side.
  let side: Int
  /// Fine pixels a side of the first image's patch.
  private let patchSide: Int
  private let layers: [Linear]

  init(_ settings: Settings, patchSide: Int, from parameters: Parameters) throws {
    side = try settings.integer("window", in: 3...9)
    guard side % 2 == 1 else {
      throw SettingsError.outOfRange(
        path: settings.at("window"), value: Double(side), allowed: "an odd number")
    }
    let hidden = try settings.integers("channels")
    let extents = [patchSide * patchSide * side * side] + hidden + [2]
    self.patchSide = patchSide
    layers = try zip(extents, extents.dropFirst()).enumerated().map { index, extents in
      try Linear(extents.0, extents.1, bias: true, from: parameters.scope("\(2 * index)"))
    }
  }

  /// Fine pixels beyond a cell's central pair, each way, that samples may fall on.
  var margin: Int { Self.reach + side / 2 + 1 }

  /// - Parameters:
  ///   - patches: the first image's cells, [matches, patchSide * patchSide, channels].
  ///   - windows: the second image around its cells, [matches, windowSide * windowSide, channels], the cell's
  ///     centre in the middle.
  ///   - estimates: fine pixels from the cell's centre.
  /// - Returns: the final estimates, fine pixels from the cell's centre.
  func callAsFunction(
    patches: Tensor, windows: Tensor, windowSide: Int, estimates: [SIMD2<Float>], on compute: Compute
  ) -> [SIMD2<Float>] {
    let (channels, patchPixels, samples) = (patches.shape[2], patchSide * patchSide, side * side)
    compute.count(multiplyAdds: estimates.count * patchPixels * samples * channels)
    let limit = SIMD2(repeating: Float(Self.reach))
    // Features that overflowed leave no number to sample at.
    let starts = estimates.map { estimate in
      estimate.x.isFinite && estimate.y.isFinite
        ? estimate.clamped(lowerBound: -limit, upperBound: limit) : .zero
    }
    let correlations = Tensor([estimates.count, patchPixels * samples]) { rows in
      borrowElements(patches, windows) { patches, windows in
        guard let rows = rows.baseAddress, let patches = patches.baseAddress,
          let windows = windows.baseAddress
        else { return }
        compute.parallelFor(estimates.count, grain: 32) { piece in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: (patchPixels + samples) * channels) {
            scratch in
            guard let patch = scratch.baseAddress else { return }
            let sampled = patch + patchPixels * channels
            for match in piece {
              patch.update(from: patches + match * patchPixels * channels, count: patchPixels * channels)
              let window = windows + match * windowSide * windowSide * channels
              sample(window, windowSide, channels, around: starts[match], into: sampled)
              ck_normalize_rows(patch, 1e-12, patchPixels + samples, channels)
              matrixProduct(
                rows: patchPixels, columns: samples, inner: channels,
                left: MatrixView(patch, stride: channels),
                right: MatrixView(sampled, stride: channels, transposed: true),
                result: rows + match * patchPixels * samples, resultStride: samples)
            }
          }
        }
      }
    }
    var features = correlations
    for (index, layer) in layers.enumerated() {
      features = layer(features, activation: index + 1 < layers.count ? .relu : .none, on: compute)
    }
    let corrections = features.values
    return starts.indices.map { starts[$0] + SIMD2(corrections[2 * $0], corrections[2 * $0 + 1]) }
  }

  /// `side` x `side` bilinear samples, a fine pixel apart, around a place given from the window's centre.
  private func sample(
    _ window: UnsafePointer<Float>, _ windowSide: Int, _ channels: Int, around place: SIMD2<Float>,
    into samples: UnsafeMutablePointer<Float>
  ) {
    let origin = place + SIMD2(repeating: Float(windowSide - 1) / 2 - Float(side / 2))
    let corner = SIMD2<Int>(Int(floorf(origin.x)), Int(floorf(origin.y)))
    let weight = origin - SIMD2(Float(corner.x), Float(corner.y))
    var columns = (left: [Int32](), right: [Int32](), weight: [Float]())
    for x in 0..<side {
      columns.left.append(Int32(corner.x + x))
      columns.right.append(Int32(corner.x + x + 1))
      columns.weight.append(weight.x)
    }
    for y in 0..<side {
      let row = window + (corner.y + y) * windowSide * channels
      ck_bilinear_row(
        row, row + windowSide * channels, weight.y, columns.left, columns.right, columns.weight, side,
        channels,
        samples + y * side * channels)
    }
  }
}
