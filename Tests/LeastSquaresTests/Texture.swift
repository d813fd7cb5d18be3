// A picture that is known between its pixels, too: a sum of waves. And what the tests ask of it.

import Foundation
import Geometry
import Imaging
import TestSupport

@testable import LeastSquares
@testable import Tensor

/// Waves of 5 to 40 pixels in all directions, around grey 128 with a deviation of 50.
struct Texture {
  private let waves: [(x: Double, y: Double, phase: Double, height: Double)]

  init(seed: Int) {
    var random = SeededGenerator(seed)
    waves = (0..<40).map { _ in
      let (length, angle) = (random.uniform(5...40), random.uniform(0...(2 * .pi)))
      let number = 2 * .pi / length
      return (number * cos(angle), number * sin(angle), random.uniform(0...(2 * .pi)), random.uniform(6...16))
    }
  }

  func callAsFunction(_ point: SIMD2<Double>) -> Double {
    waves.reduce(128) { $0 + $1.height * cos($1.x * point.x + $1.y * point.y + $1.phase) }
  }
}

/// Two pictures of one texture, the second one under q = center + map (p - center) + shift.
struct TexturePair {
  static let side = 160
  static let center = SIMD2(79.5, 79.5)
  let first, second: GrayImage
  let map: Map2
  let shift: SIMD2<Double>

  init(
    seed: Int, map: Map2 = .identity, shift: SIMD2<Double> = .zero, gain: Double = 1, offset: Double = 0,
    noise: Double = 0, bits: Int = 8
  ) {
    let texture = Texture(seed: seed)
    var random = SeededGenerator(seed + 1000)
    let back = map.inverse ?? .identity
    func picture(_ value: (SIMD2<Double>) -> Double) -> GrayImage {
      let levels: [Double] = (0..<Self.side * Self.side).map { index in
        let level = value(SIMD2(Double(index % Self.side), Double(index / Self.side)))
        return max(0, min(255, level + (noise > 0 ? 255 * noise * random.normal() : 0)))
      }
      return GrayImage(
        width: Self.side, height: Self.side,
        pixels: bits == 8
          ? .bits8(levels.map { UInt8($0.rounded()) }) : .bits16(levels.map { UInt16(($0 * 257).rounded()) }))
    }
    first = picture { texture($0) }
    second = picture { gain * texture(Self.center + back * ($0 - Self.center - shift)) + offset }
    self.map = map
    self.shift = shift
  }

  /// Where a point of the first picture is in the second.
  func partner(_ point: SIMD2<Double>) -> SIMD2<Double> { Self.center + map * (point - Self.center) + shift }

  /// Matches on a grid, their second points wrong by up to `error` pixels on either axis.
  func matches(error: Double, step: Int = 8, margin: Int = 36) -> Correspondences {
    var random = SeededGenerator(7)
    var matches = Correspondences()
    for y in stride(from: margin, to: Self.side - margin, by: step) {
      for x in stride(from: margin, to: Self.side - margin, by: step) {
        let point = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
        let wrong = SIMD2(random.uniform(-error...error), random.uniform(-error...error))
        matches.append(point, partner(point) + wrong, score: 1)
      }
    }
    return matches
  }

  func pyramids(levels: Int = 4) -> Pair<PixelPyramid> {
    Pair(PixelPyramid(first, levels: levels, on: compute), PixelPyramid(second, levels: levels, on: compute))
  }

  func refined(_ matches: Correspondences, _ matcher: LeastSquaresMatcher = LeastSquaresMatcher())
    -> Correspondences
  {
    matcher(matches, photos: pyramids(), scales: Pair(1, 1), on: compute)
  }
}

let compute = Compute(threads: 2)

extension Correspondences {
  func source(_ index: Int) -> PointPrecision.Source? { precisions?[index].source }
  func covariance(_ index: Int) -> PointCovariance {
    precisions?[index].covariance ?? PointCovariance(deviation: .nan)
  }
}
