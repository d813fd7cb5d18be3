// The compact model's refinement, in two steps as EfficientLoFTR's (Wang et al. 2024, section 3.4; definition:
// training/model): first the cell's centre is correlated with a window, and the expectation is taken around the
// window's best pixel; then a small network corrects it from the heat map and both features. Newer weights add a
// last correction (see PatchRefinement).

import Backbone
import CKernels
import Glibc
import Tensor

/// Settings: `window` (fine pixels a side, even), `patch` (optional). Tensors: log_scale, regression.0,
/// regression.2, and patch_regression where there is a patch.
public struct TwoStepMatcher: FineMatcher {
  private let side: Int
  private let channels: Int
  private let fineStride: Int
  /// Of the first image: the cell's four central pixels, or all of the cell where there is a patch.
  private let cellShape: WindowShape
  /// Of the second image: the window, and what the patch's samples may need around it.
  private let windowShape: WindowShape
  /// The window's first pixel, from the start of `windowShape`.
  private let inset: Int
  private let patch: PatchRefinement?
  private let scale: Float
  private let hidden: Linear
  private let correction: Linear

  /// Half the side, in fine pixels, of the square around the best pixel that the expectation covers.
  private static let reach = 2
  private static let hiddenChannels = 64

  /// See `FineMatcher`.
  public init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws {
    side = try settings.integer("window", in: 2...16)
    channels = backbone.fineChannels
    fineStride = backbone.fineGrid.stride
    let stride = backbone.coarseGrid.stride / fineStride
    guard side % 2 == 0, stride % 2 == 0 else {
      throw SettingsError.outOfRange(
        path: settings.at("window"), value: Double(side), allowed: "an even number")
    }
    patch = try settings.optionalGroup("patch").map {
      try PatchRefinement($0, patchSide: stride, from: parameters.scope("patch_regression"))
    }
    // A cell's centre lies between its fine pixels stride / 2 - 1 and stride / 2.
    cellShape =
      patch == nil
      ? WindowShape(stride: stride, start: stride / 2 - 1, side: 2)
      : WindowShape(stride: stride, start: 0, side: stride)
    let reach = max(side / 2, patch?.margin ?? 0)
    windowShape = WindowShape(stride: stride, start: stride / 2 - reach, side: 2 * reach)
    inset = reach - side / 2
    scale = expf(try parameters.tensor("log_scale", []).values[0])
    let regression = parameters.scope("regression")
    hidden = try Linear(
      side * side + 2 * channels, Self.hiddenChannels, bias: true, from: regression.scope("0"))
    correction = try Linear(Self.hiddenChannels, 2, bias: true, from: regression.scope("2"))
  }

  /// See `FineMatcher`: pixels of the first cell, a window around the second.
  public func windows(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineWindows {
    let cell = cellShape.cut(first.map, cells: matches.cells0, columns: first.coarse.columns, zeros: false)
    let window = windowShape.cut(
      second.map, cells: matches.cells1, columns: second.coarse.columns, zeros: false)
    return FineWindows(first: cell.features, second: window.features, secondInside: window.inside)
  }

  /// See `FineMatcher`.
  public func offsets(in windows: FineWindows, on compute: Compute) -> [SIMD2<Float>] {
    let (count, pixels) = (windows.count, side * side)
    let width = pixels + 2 * channels
    // The heat map, and the window's features averaged under it.
    compute.count(multiplyAdds: 2 * count * pixels * channels)
    let (cellPixels, windowPixels) = (cellShape.side * cellShape.side, windowShape.side * windowShape.side)
    var expectations = [SIMD2<Float>](repeating: .zero, count: count)
    // One row a match: heat map, query, and the window's features averaged under the heat map.
    let rows = Tensor([count, width]) { rows in
      guard let rows = rows.baseAddress else { return }
      borrowElements(windows.first, windows.second) { first, second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return }
        expectations.withUnsafeMutableBufferPointer { expectations in
          compute.parallelFor(count, grain: 64) { piece in
            for match in piece {
              let row = rows + match * width
              describe(
                first + match * cellPixels * channels, second + match * windowPixels * channels,
                inside: windows.secondInside[match * windowPixels..<(match + 1) * windowPixels], row)
              expectations[match] = expectation(row)
            }
          }
        }
      }
    }
    let corrections = correction(hidden(rows, activation: .relu, on: compute), on: compute).values
    var estimates = expectations.indices.map { match in
      expectations[match] + SIMD2(corrections[2 * match], corrections[2 * match + 1])
    }
    if let patch {
      estimates = patch(
        patches: windows.first, windows: windows.second, windowSide: windowShape.side, estimates: estimates,
        on: compute)
    }
    return estimates.map { $0 * Float(fineStride) }
  }

  /// Fills a match's row from its cell and its window.
  private func describe(
    _ cell: UnsafePointer<Float>, _ window: UnsafePointer<Float>, inside: ArraySlice<Bool>,
    _ row: UnsafeMutablePointer<Float>
  ) {
    let pixels = side * side
    let (heat, query, average) = (row, row + pixels, row + pixels + channels)
    let central = cellShape.side / 2 - 1
    let corner = cell + (central * cellShape.side + central) * channels
    let below = corner + cellShape.side * channels
    for channel in 0..<channels {
      query[channel] =
        0.25 * (corner[channel] + corner[channels + channel] + below[channel] + below[channels + channel])
      average[channel] = 0
    }
    ck_normalize_rows(query, 1e-12, 1, channels)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: pixels * channels) { scratch in
      guard let unit = scratch.baseAddress else { return }
      for y in 0..<side {
        let source = window + ((inset + y) * windowShape.side + inset) * channels
        (unit + y * side * channels).update(from: source, count: side * channels)
      }
      ck_normalize_rows(unit, 1e-12, pixels, channels)
      for pixel in 0..<pixels {
        var dot: Float = 0
        for channel in 0..<channels { dot += query[channel] * unit[pixel * channels + channel] }
        let place = (inset + pixel / side) * windowShape.side + inset + pixel % side
        // Pixels beyond the map take no part.
        heat[pixel] = inside[inside.startIndex + place] ? dot * scale : -1e4
      }
      ck_softmax(heat, 1, 1, pixels)
      for pixel in 0..<pixels {
        for channel in 0..<channels { average[channel] += heat[pixel] * unit[pixel * channels + channel] }
      }
    }
  }

  /// The mean place under the heat map within `reach` of its best pixel, in fine pixels from the window's centre.
  private func expectation(_ heat: UnsafePointer<Float>) -> SIMD2<Float> {
    let pixels = side * side
    var best = 0
    for pixel in 1..<pixels where heat[pixel] > heat[best] { best = pixel }
    let (bestRow, bestColumn) = (best / side, best % side)
    var (sum, place) = (Float(0), SIMD2<Float>.zero)
    for row in max(0, bestRow - Self.reach)...min(side - 1, bestRow + Self.reach) {
      for column in max(0, bestColumn - Self.reach)...min(side - 1, bestColumn + Self.reach) {
        let weight = heat[row * side + column]
        sum += weight
        place += weight * SIMD2(Float(column), Float(row))
      }
    }
    // Features that are not finite leave a heat map that is 0 throughout.
    return place / max(sum, 1e-6) - SIMD2(repeating: Float(side - 1) / 2)
  }
}
