// The compact refinement's first step: where the centre of the first image's cell lies in a window of the second image
// (definition: training/model).

import CKernels
import Glibc

struct WindowHeatMap: Sendable {
  /// Side of the window in fine pixels, even.
  let side: Int
  let channels: Int
  private let scale: Float

  /// Half the side, in fine pixels, of the square around the best pixel over which the expectation is taken.
  private static let reach = 2

  init(side: Int, channels: Int, logScale: Float) {
    (self.side, self.channels, scale) = (side, channels, expf(logScale))
  }

  /// Elements of a row written by `describe`.
  var rowCount: Int { side * side + 2 * channels }
  /// Per match.
  var multiplyAdds: Int { 2 * side * side * channels }

  /// Writes a match's row: heat map [side, side], query, and the window's features averaged under the heat map. A
  /// centre is given by the pixel below and right of it. Returns the heat map's expectation near its best pixel, in
  /// fine pixels from the second centre.
  func describe(
    _ map0: FineMap, _ centre0: SIMD2<Int>, _ map1: FineMap, _ centre1: SIMD2<Int>,
    into row: UnsafeMutablePointer<Float>
  ) -> SIMD2<Float> {
    let pixels = side * side
    let (heat, query, average) = (row, row + pixels, row + pixels + channels)
    let around = [SIMD2(-1, -1), SIMD2(0, -1), SIMD2(-1, 0), SIMD2(0, 0)].map { map0.pixel(centre0 &+ $0) }
    for channel in 0..<channels {
      query[channel] =
        0.25 * (around[0][channel] + around[1][channel] + around[2][channel] + around[3][channel])
    }
    ck_normalize_rows(query, 1e-12, 1, channels)
    let corner = centre1 &- side / 2
    withUnsafeTemporaryAllocation(of: Float.self, capacity: pixels * channels) { scratch in
      guard let window = scratch.baseAddress else { return }
      map1.copySquare(from: corner, side: side, to: window)
      ck_normalize_rows(window, 1e-12, pixels, channels)
      ck_row_products(window, query, scale, pixels, channels, heat)
      if !map1.contains(corner) || !map1.contains(corner &+ (side - 1)) {
        // Pixels beyond the map do not take part.
        for pixel in 0..<pixels where !map1.contains(corner &+ SIMD2(pixel % side, pixel / side)) {
          heat[pixel] = -1e4
        }
      }
      ck_softmax(heat, 1, 1, pixels)
      ck_weighted_sum(window, heat, pixels, channels, average)
    }
    return expectation(heat)
  }

  /// The expectation within `reach` of the best pixel, in fine pixels from the window's centre.
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
    // Non-finite features leave a heat map of zeros.
    return place / max(sum, 1e-6) - SIMD2(repeating: Float(side - 1) / 2)
  }
}
