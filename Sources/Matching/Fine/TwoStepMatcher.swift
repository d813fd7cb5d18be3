// The compact model's refinement in two steps, like EfficientLoFTR's (Wang et al. 2024, section 3.4; definition:
// training/model): the first cell's centre is correlated with a window of the second image, and the expectation is
// taken around the best pixel; then a small network corrects it from the heat map and both features. Newer weights add
// a last correction (see PatchRefinement).
//
// A batch of matches goes through all steps on one thread, straight from the maps: intermediates stay in the cache,
// and no windows are stored.

import Backbone
import Tensor

/// Settings: `window` (side in fine pixels, even), `patch` (optional). Tensors: log_scale, regression.0, regression.2,
/// and patch_regression if there is a patch.
package struct TwoStepMatcher: FineMatcher {
  private let heatMap: WindowHeatMap
  private let fineStride: Int
  /// Side of a coarse cell in fine pixels.
  private let cellSide: Int
  private let regression: [Linear]
  private let patch: PatchRefinement?

  private static let hiddenChannels = 64
  /// Enough to amortise reading the networks' weights, few enough for the rows to stay in the second cache level.
  private static let matchesPerPiece = 48

  package init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws {
    let side = try settings.integer("window", in: 2...16)
    let channels = backbone.fineChannels
    fineStride = backbone.fineGrid.stride
    cellSide = backbone.coarseGrid.stride / fineStride
    guard side % 2 == 0, cellSide % 2 == 0 else {
      throw SettingsError.outOfRange(
        path: settings.at("window"), value: Double(side), allowed: "an even number")
    }
    heatMap = WindowHeatMap(
      side: side, channels: channels, logScale: try parameters.tensor("log_scale", []).values[0])
    let scope = parameters.scope("regression")
    regression = [
      try Linear(heatMap.rowCount, Self.hiddenChannels, bias: true, from: scope.scope("0")),
      try Linear(Self.hiddenChannels, 2, bias: true, from: scope.scope("2")),
    ]
    let (cellSide, patchScope) = (cellSide, parameters.scope("patch_regression"))
    patch = try settings.optionalGroup("patch").map {
      try PatchRefinement($0, patchSide: cellSide, channels: channels, from: patchScope)
    }
  }

  /// The first points stay.
  package func refinements(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineRefinements {
    let multiplyAdds = heatMap.multiplyAdds + regression.multiplyAdds + (patch?.multiplyAdds ?? 0)
    compute.count(multiplyAdds: matches.count * multiplyAdds)
    var result = FineRefinements(count: matches.count)
    result.second.withUnsafeMutableBufferPointer { offsets in
      withFineMaps(first.map, second.map) { map0, map1 in
        compute.parallelFor(matches.count, grain: Self.matchesPerPiece) { piece in
          // Cell centres, between fine pixels cellSide / 2 - 1 and cellSide / 2.
          let centres0 = piece.map { corner(matches.cells0[$0], first) &+ cellSide / 2 }
          let centres1 = piece.map { corner(matches.cells1[$0], second) &+ cellSide / 2 }
          let estimates = estimates(map0, centres0, map1, centres1)
          for (match, estimate) in zip(piece, estimates) { offsets[match] = estimate * Float(fineStride) }
        }
      }
    }
    return result
  }

  /// First fine pixel (column, row) of a coarse cell.
  private func corner(_ cell: Int, _ features: FineFeatures) -> SIMD2<Int> {
    let columns = features.coarse.columns
    return SIMD2(cell % columns, cell / columns) &* cellSide
  }

  /// The second points in fine pixels from their cells' centres. A centre is given by the pixel below and right of it.
  private func estimates(
    _ map0: FineMap, _ centres0: [SIMD2<Int>], _ map1: FineMap, _ centres1: [SIMD2<Int>]
  ) -> [SIMD2<Float>] {
    let count = centres0.count
    var expectations = [SIMD2<Float>](repeating: .zero, count: count)
    let corrections = regression.corrections(rows: count) { rows in
      for match in 0..<count {
        expectations[match] = heatMap.describe(
          map0, centres0[match], map1, centres1[match], into: rows + match * heatMap.rowCount)
      }
    }
    let estimates = zip(expectations, corrections).map { $0 + $1 }
    return patch.map { $0(map0, centres0, map1, centres1, estimates: estimates) } ?? estimates
  }
}

extension [Linear] {
  /// Per row, through all layers.
  var multiplyAdds: Int { reduce(0) { $0 + $1.inputChannels * $1.outputChannels } }

  /// A perceptron of these layers, with ReLU in between and two outputs, over rows written by `fill`; on the calling
  /// thread.
  func corrections(rows: Int, fill: (UnsafeMutablePointer<Float>) -> Void) -> [SIMD2<Float>] {
    let inputs = rows * (first?.inputChannels ?? 0)
    let bytes = (inputs + rows * reduce(0) { $0 + $1.outputChannels }) * MemoryLayout<Float>.stride
    return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
      guard var input = scratch.bindMemory(to: Float.self).baseAddress else { return [] }
      fill(input)
      for (index, layer) in enumerated() {
        let output = input + rows * layer.inputChannels
        layer.multiply(rows: rows, input, activation: index + 1 < count ? .relu : .none, result: output)
        input = output
      }
      return (0..<rows).map { SIMD2(input[2 * $0], input[2 * $0 + 1]) }
    }
  }
}
