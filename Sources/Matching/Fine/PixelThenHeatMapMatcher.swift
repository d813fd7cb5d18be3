// EfficientLoFTR's two-stage refinement (Wang et al. 2024, section 3.4; reference: the authors'
// src/loftr/loftr_module/fine_preprocess.py and utils/fine_matching.py). It has no weights. Both stages correlate the
// pixels of the first image's cell with those of the second image's, at full resolution:
//
// 1. On all but the last few channels, a dual-softmax over the cell and the second cell with a one-pixel rim; the best
//    pair of pixels, rim excluded, is the match to one pixel.
// 2. On the last few channels, the first pixel against 3x3 pixels of the second image: the expectation of the heat map
//    moves the second point by up to a pixel each way. The authors count the second pixel from the cell's corner but
//    look it up in the rimmed window, so the 3x3 pixels lie one up and left of it, wrapping around at the first row
//    and column. Their weights are trained that way and need it.
//
// The fine map comes at half resolution; up-sampling only its windows gives the pixels of the up-sampled map without
// storing it. Pixels beyond the map are 0, as in the authors' code.

import Backbone
import CKernels
import Tensor

/// Settings: `heatMapChannels` (the last ones), `heatMapTemperature`. No tensors.
package struct PixelThenHeatMapMatcher: WindowedFineMatcher {
  private let channels: Int
  private let heatMapChannels: Int
  private let heatMapFactor: Float
  /// Side of a cell in pixels.
  private let side: Int
  /// Side of a cell in elements of the fine map.
  private let stride: Int

  private static let factor = 2

  package init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws {
    channels = backbone.fineChannels
    heatMapChannels = try settings.integer("heatMapChannels")
    guard heatMapChannels < channels else {
      throw SettingsError.outOfRange(
        path: settings.at("heatMapChannels"), value: Double(heatMapChannels),
        allowed: "less than the fine map's \(channels)")
    }
    let temperature = try settings.number("heatMapTemperature", in: 1e-4...1e4)
    heatMapFactor = Float(1 / (temperature * Double(heatMapChannels).squareRoot()))
    guard backbone.fineGrid.stride == Self.factor, backbone.coarseGrid.stride % Self.factor == 0,
      backbone.coarseGrid.stride <= 16
    else {
      throw SettingsError.unknown(
        path: settings.at("kind"), value: "pixel-then-heat-map", known: ["a backbone with a fine map at 1/2"])
    }
    side = backbone.coarseGrid.stride
    stride = backbone.coarseGrid.stride / Self.factor
  }

  /// The first image's cells [matches, side * side, channels], the second image's with a rim of one pixel, at full
  /// resolution.
  package func windows(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineWindows {
    let window0 = upsampled(first, matches.cells0, rim: 0, on: compute)
    let window1 = upsampled(second, matches.cells1, rim: 1, on: compute)
    return FineWindows(first: window0, second: window1)
  }

  /// Cells of the map up-sampled by `factor` (edges aligned), each with a rim of `rim` pixels.
  private func upsampled(
    _ features: FineFeatures, _ cells: [Int], rim: Int, on compute: Compute
  ) -> Tensor {
    let map = features.map
    let (height, width, channels) = (map.shape[0], map.shape[1], map.shape[2])
    let extent = side + 2 * rim
    let gridColumns = features.coarse.columns
    return Tensor([cells.count, extent * extent, channels]) { output in
      borrowElements(map) { map in
        guard let map, let output = output.baseAddress else { return }
        compute.parallelFor(cells.count, grain: 16) { piece in
          for match in piece {
            let (top, left) = (
              cells[match] / gridColumns * side - rim, cells[match] % gridColumns * side - rim
            )
            let columns = (left..<left + extent).map { Sample($0, extent: width) }
            let lefts = columns.map { Int32($0.lower) }
            let rights = columns.map { Int32($0.upper) }
            let weights = columns.map(\.weight)
            for y in 0..<extent {
              let row = Sample(top + y, extent: height)
              let result = output + (match * extent + y) * extent * channels
              ck_bilinear_row(
                map + row.lower * width * channels, map + row.upper * width * channels, row.weight, lefts,
                rights, weights, extent, channels, result)
              for x in 0..<extent where !row.inside || !columns[x].inside {
                (result + x * channels).update(repeating: 0, count: channels)
              }
            }
          }
        }
      }
    }
  }

  /// Both points move.
  package func refinements(in windows: FineWindows, on compute: Compute) -> FineRefinements {
    let (count, pixels, extent) = (windows.count, side * side, side + 2)
    let rimmed = extent * extent
    let pixelChannels = channels - heatMapChannels
    var result = FineRefinements(count: count)
    // A cell's centre lies midway between its pixels.
    let middle = SIMD2(repeating: Float(side - 1) / 2)
    result.first.withUnsafeMutableBufferPointer { firstResult in
      result.second.withUnsafeMutableBufferPointer { secondResult in
        borrowElements(windows.first, windows.second) { first, second in
          guard let first = first.baseAddress, let second = second.baseAddress else { return }
          compute.parallelFor(count, grain: 16) { piece in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * pixels * rimmed) { scratch in
              guard let similarity = scratch.baseAddress else { return }
              for match in piece {
                let (cell, window) = (
                  first + match * pixels * channels, second + match * rimmed * channels
                )
                matrixProduct(
                  rows: pixels, columns: rimmed, inner: pixelChannels, scale: 1 / Float(channels),
                  left: MatrixView(cell, stride: channels),
                  right: MatrixView(window, stride: channels, transposed: true), result: similarity,
                  resultStride: rimmed)
                let best = bestPair(similarity, work: similarity + pixels * rimmed)
                let (row, column) = (best.second / extent, best.second % extent)
                let shift = heatMapShift(
                  cell + best.first * channels + pixelChannels, window + pixelChannels, row - 1, column - 1)
                firstResult[match] =
                  SIMD2(Float(best.first % side), Float(best.first / side)) - middle
                secondResult[match] =
                  SIMD2(Float(column - 1), Float(row - 1)) - middle + shift
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The pair of pixels (row-major in the cell; row-major in the rimmed window) with the highest dual-softmax, rim
  /// excluded; ties go to the first.
  private func bestPair(
    _ similarity: UnsafeMutablePointer<Float>, work: UnsafeMutablePointer<Float>
  ) -> (first: Int, second: Int) {
    let (pixels, extent) = (side * side, side + 2)
    let rimmed = extent * extent
    // Transposed, so that the softmax over the first image's pixels is over rows, too.
    for row in 0..<pixels {
      for column in 0..<rimmed { work[column * pixels + row] = similarity[row * rimmed + column] }
    }
    ck_softmax(similarity, 1, pixels, rimmed)
    ck_softmax(work, 1, rimmed, pixels)
    // Non-finite features beat nothing and leave the central pixels.
    var (best, value) = ((pixels / 2, rimmed / 2), -Float.infinity)
    for row in 0..<pixels {
      for y in 1..<extent - 1 {
        for x in 1..<extent - 1 {
          let column = y * extent + x
          let product = similarity[row * rimmed + column] * work[column * pixels + row]
          if product > value { (best, value) = ((row, column), product) }
        }
      }
    }
    return (best.0, best.1)
  }

  /// The expectation, in pixels, of one query's heat map over 3x3 pixels of the rimmed window around (row, column).
  private func heatMapShift(
    _ query: UnsafePointer<Float>, _ window: UnsafePointer<Float>, _ row: Int, _ column: Int
  ) -> SIMD2<Float> {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 9) { heat in
      let extent = side + 2
      for place in 0..<9 {
        let (y, x) = (row + place / 3 - 1 + extent, column + place % 3 - 1 + extent)
        let key = window + (y % extent * extent + x % extent) * channels
        var sum: Float = 0
        for channel in 0..<heatMapChannels { sum += query[channel] * key[channel] }
        heat[place] = sum
      }
      ck_softmax(heat.baseAddress, heatMapFactor, 1, 9)
      var shift = SIMD2<Float>.zero
      for place in 0..<9 { shift += heat[place] * SIMD2(Float(place % 3 - 1), Float(place / 3 - 1)) }
      return shift
    }
  }
}

/// Where a pixel of a map up-sampled by 2, edges aligned, lies in the original of `extent` elements.
private struct Sample {
  let lower: Int
  let upper: Int
  /// Weight of `upper`.
  let weight: Float
  let inside: Bool

  init(_ pixel: Int, extent: Int) {
    inside = pixel >= 0 && pixel < 2 * extent
    let source = max(0, (Float(pixel) + 0.5) / 2 - 0.5)
    lower = min(Int(source), extent - 1)
    upper = min(lower + 1, extent - 1)
    weight = source - Float(lower)
  }
}
