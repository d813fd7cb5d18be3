// The compact model's refinement, in two steps as EfficientLoFTR's (Wang et al. 2024, section 3.4; definition:
// training/model): first the cell's centre is correlated with a window, and the expectation is taken around the
// window's best pixel; then a small network corrects it from the heat map and both features.

import Backbone
import CKernels
import Glibc
import Tensor

/// Settings: `window` (fine pixels a side, even). Tensors: log_scale, regression.0, regression.2.
public struct TwoStepMatcher: FineMatcher {
  private let side: Int
  private let channels: Int
  private let fineStride: Int
  private let centreShape: WindowShape
  private let windowShape: WindowShape
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
    // A cell's centre lies between its fine pixels stride / 2 - 1 and stride / 2.
    centreShape = WindowShape(stride: stride, start: stride / 2 - 1, side: 2)
    windowShape = WindowShape(stride: stride, start: stride / 2 - side / 2, side: side)
    scale = expf(try parameters.tensor("log_scale", []).values[0])
    let regression = parameters.scope("regression")
    hidden = try Linear(
      side * side + 2 * channels, Self.hiddenChannels, bias: true, from: regression.scope("0"))
    correction = try Linear(Self.hiddenChannels, 2, bias: true, from: regression.scope("2"))
  }

  /// See `FineMatcher`: the 2 x 2 pixels at the first cell's centre, a window around the second's.
  public func windows(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineWindows {
    let centre = centreShape.cut(
      first.map, cells: matches.cells0, columns: first.coarse.columns, zeros: false)
    let window = windowShape.cut(
      second.map, cells: matches.cells1, columns: second.coarse.columns, zeros: false)
    return FineWindows(first: centre.features, second: window.features, secondInside: window.inside)
  }

  /// See `FineMatcher`.
  public func offsets(in windows: FineWindows, on compute: Compute) -> [SIMD2<Float>] {
    let (count, pixels) = (windows.count, side * side)
    let width = pixels + 2 * channels
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
                first + match * 4 * channels, second + match * pixels * channels,
                inside: windows.secondInside[match * pixels..<(match + 1) * pixels], row)
              expectations[match] = expectation(row)
            }
          }
        }
      }
    }
    let corrections = correction(hidden(rows, activation: .relu, on: compute), on: compute).values
    return expectations.indices.map { match in
      (expectations[match] + SIMD2(corrections[2 * match], corrections[2 * match + 1])) * Float(fineStride)
    }
  }

  /// Fills a match's row from its 2 x 2 centre and its window.
  private func describe(
    _ centre: UnsafePointer<Float>, _ window: UnsafePointer<Float>, inside: ArraySlice<Bool>,
    _ row: UnsafeMutablePointer<Float>
  ) {
    let pixels = side * side
    let (heat, query, average) = (row, row + pixels, row + pixels + channels)
    for channel in 0..<channels {
      query[channel] =
        0.25
        * (centre[channel] + centre[channels + channel] + centre[2 * channels + channel]
          + centre[3 * channels + channel])
      average[channel] = 0
    }
    ck_normalize_rows(query, 1e-12, 1, channels)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: pixels * channels) { scratch in
      guard let unit = scratch.baseAddress else { return }
      unit.update(from: window, count: pixels * channels)
      ck_normalize_rows(unit, 1e-12, pixels, channels)
      for (pixel, isInside) in inside.enumerated() {
        var dot: Float = 0
        for channel in 0..<channels { dot += query[channel] * unit[pixel * channels + channel] }
        // Pixels beyond the map take no part.
        heat[pixel] = isInside ? dot * scale : -1e4
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
