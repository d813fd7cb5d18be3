// LoFTR's refinement (Sun et al. 2021, section 3.4; reference: kornia's feature/loftr/loftr_module/
// fine_preprocess.py and utils/fine_matching.py): windows of both fine maps, joined with their cells' coarse features,
// pass through a small transformer; the centre of the first is correlated with the second, and the expectation of the
// heat map is the match.

import Backbone
import CKernels
import Tensor

/// Settings: `window` (odd), `concatenateCoarse`, `transformer`. Tensors: coarse_proj, merge, transformer.
package struct ExpectationMatcher: WindowedFineMatcher {
  private let side: Int
  private let fineStride: Int
  private let shape: WindowShape
  private let coarseProjection: Linear?
  private let merge: Linear?
  private let transformer: Transformer

  package init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws {
    side = try settings.integer("window", in: 1...15)
    guard side % 2 == 1 else {
      throw SettingsError.outOfRange(
        path: settings.at("window"), value: Double(side), allowed: "an odd number")
    }
    transformer = try Transformer(try settings.group("transformer"), from: parameters.scope("transformer"))
    let channels = backbone.fineChannels
    guard transformer.channels == channels, transformer.gridMultiple == 1 else {
      throw SettingsError.wrongKind(
        path: settings.at("transformer"), expected: "\(channels) channels and attention without aggregation")
    }
    let concatenates = try settings.flag("concatenateCoarse")
    coarseProjection =
      concatenates
      ? try Linear(backbone.coarseChannels, channels, bias: true, from: parameters.scope("coarse_proj")) : nil
    merge =
      concatenates ? try Linear(2 * channels, channels, bias: true, from: parameters.scope("merge")) : nil
    fineStride = backbone.fineGrid.stride
    shape = WindowShape(stride: backbone.coarseGrid.stride / fineStride, start: -(side / 2), side: side)
  }

  /// Windows centred on the cells, with the coarse features merged in.
  package func windows(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineWindows {
    FineWindows(
      first: window(first, matches.cells0, on: compute), second: window(second, matches.cells1, on: compute))
  }

  private func window(_ features: FineFeatures, _ cells: [Int], on compute: Compute) -> Tensor {
    let window = shape.cut(features.map, cells: cells, columns: features.coarse.columns, on: compute)
    guard let coarseProjection, let merge else { return window }
    let coarse = coarseProjection(
      features.coarse.map.gatheredRows(cells, channels: features.coarse.channels), on: compute)
    let repeated = coarse.gatheredRows(
      cells.indices.flatMap { repeatElement($0, count: side * side) }, channels: coarse.shape[1]
    ).reshaped(window.shape)
    return merge(concatenating: window, repeated, on: compute)
  }

  /// The windows after the fine transformer, [matches, side * side, channels] each.
  private func attended(_ windows: FineWindows, on compute: Compute) -> FineWindows {
    let grid = [windows.count, side, side, windows.first.shape[2]]
    let (first, second) = transformer(
      windows.first.reshaped(grid), windows.second.reshaped(grid), on: compute)
    return FineWindows(
      first: first.reshaped(windows.first.shape), second: second.reshaped(windows.second.shape))
  }

  /// The windows before and after the fine transformer.
  package func trace(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> [String: Tensor] {
    let windows = windows(of: matches, first, second, on: compute)
    return windows.named("fine_windows_before")
      .merging(attended(windows, on: compute).named("fine_windows_after")) { $1 }
  }

  /// The first points stay.
  package func refinements(in windows: FineWindows, on compute: Compute) -> FineRefinements {
    let attended = attended(windows, on: compute)
    let (pixels, channels) = (side * side, windows.first.shape[2])
    let centre = pixels / 2
    compute.count(multiplyAdds: windows.count * pixels * channels)
    var heat = [Float](repeating: 0, count: windows.count * pixels)
    borrowElements(attended.first, attended.second) { first, second in
      for match in 0..<windows.count {
        let query = (match * pixels + centre) * channels
        for pixel in 0..<pixels {
          let key = (match * pixels + pixel) * channels
          var sum: Float = 0
          for channel in 0..<channels { sum += first[query + channel] * second[key + channel] }
          heat[match * pixels + pixel] = sum
        }
      }
    }
    ck_softmax(&heat, 1 / Float(channels).squareRoot(), windows.count, pixels)
    let offsets = (0..<windows.count).map { match in
      var expectation = SIMD2<Float>.zero
      for pixel in 0..<pixels {
        let place = SIMD2(Float(pixel % side - side / 2), Float(pixel / side - side / 2))
        expectation += heat[match * pixels + pixel] * place
      }
      return expectation * Float(fineStride)
    }
    return FineRefinements(second: offsets)
  }
}
