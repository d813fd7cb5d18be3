// The matcher on textures whose every point is known: precise, honest about it, and unmoved by bad input.

import CKernels
import Geometry
import Imaging
import TestSupport
import Testing

@testable import LeastSquares
@testable import Tensor

@Suite struct LeastSquaresMatcherTests {
  /// Errors of the refined second points.
  private func errors(_ pair: TexturePair, _ refined: Correspondences) -> [(SIMD2<Double>, PointCovariance)] {
    refined.points0.indices.filter { refined.source($0) == .refined }.map {
      (refined.points1[$0] - pair.partner(refined.points0[$0]), refined.covariance($0))
    }
  }

  /// Noise as a share of the range of grey, about ten and five times smaller than the texture's deviation.
  @Test(
    arguments: [SIMD2(0.0, 0.0), SIMD2(0.25, -0.4), SIMD2(0.5, 0.5)],
    [(noise: 0.01, bias: 0.01, rms: 0.05), (noise: 0.02, bias: 0.015, rms: 0.075)])
  func subPixelShifts(shift: SIMD2<Double>, limits: (noise: Double, bias: Double, rms: Double)) {
    for (seed, map) in [Map2.identity, Map2(1.2, 0.15, -0.1, 0.9), Map2(0.6, 0.3, -0.3, 0.6)].enumerated() {
      let pair = TexturePair(seed: seed, map: map, shift: shift, gain: 0.8, offset: 12, noise: limits.noise)
      let refined = pair.refined(pair.matches(error: 1, step: 4))
      let errors = errors(pair, refined)
      let count = Double(errors.count)
      #expect(errors.count > refined.points0.count * 9 / 10)
      let bias = errors.reduce(SIMD2.zero) { $0 + $1.0 } / count
      let rms = (errors.reduce(0) { $0 + ($1.0 * $1.0).sum() } / (2 * count)).squareRoot()
      #expect(abs(bias.x) < limits.bias && abs(bias.y) < limits.bias, "bias \(bias)")
      #expect(rms < limits.rms, "rms \(rms)")
      let distance = errors.reduce(0) { $0 + $1.1.squaredMahalanobis($1.0) }
      #expect(distance / count < 3, "mean squared Mahalanobis distance \(distance / count)")
    }
  }

  @Test func identicalPhotosStay() {
    let pair = TexturePair(seed: 3)
    let matches = pair.matches(error: 0)
    let refined = pair.refined(matches)
    #expect(refined.refinedCount == matches.count)
    for index in matches.indices {
      let moved = refined.points1[index] - matches.points1[index]
      #expect((moved * moved).sum() < 1e-6 && refined.covariance(index).xx < 0.04 * 0.04)
    }
  }

  @Test func depthMakesNoDifference() {
    let (eight, sixteen) = (
      TexturePair(seed: 4, shift: SIMD2(0.3, 0.2)), TexturePair(seed: 4, shift: SIMD2(0.3, 0.2), bits: 16)
    )
    let matches = eight.matches(error: 0.5)
    let (a, b) = (eight.refined(matches), sixteen.refined(matches))
    #expect(a.precisions?.map(\.source) == b.precisions?.map(\.source))
    for (p, q) in zip(a.points1, b.points1) { #expect(((p - q) * (p - q)).sum() < 0.02 * 0.02) }
  }

  @Test func sameBitsForAnyThreads() {
    let pair = TexturePair(seed: 5, shift: SIMD2(0.3, 0.2), noise: 0.02)
    let (matches, photos) = (pair.matches(error: 1), pair.pyramids())
    let results = [1, 2, 5].map {
      LeastSquaresMatcher()(matches, photos: photos, scales: Pair(1, 1), on: Compute(threads: $0))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func instructionSetsAgree() {
    let pair = TexturePair(seed: 6, shift: SIMD2(0.3, 0.2), noise: 0.02)
    let matches = pair.matches(error: 0.5)
    let results = AlignmentKernelTests.sets.map {
      pair.refined(matches, LeastSquaresMatcher(RefinementSettings(), instructions: $0))
    }
    for result in results {
      for (p, q) in zip(result.points1, results[0].points1) { #expect(((p - q) * (p - q)).sum() < 1e-6) }
    }
  }

  @Test func orderOfPhotosDoesNotMatter() {
    let pair = TexturePair(seed: 8, map: Map2(1.1, 0.1, -0.1, 0.95), shift: SIMD2(0.3, 0.2), noise: 0.02)
    let (matches, photos) = (pair.matches(error: 0.5), pair.pyramids())
    let there = pair.refined(matches)
    let back = LeastSquaresMatcher()(
      matches.swapped, photos: photos.swapped, scales: Pair(1, 1),
      anchors: [PairSide](repeating: .second, count: matches.count), on: compute)
    #expect(there.refinedCount > matches.count * 9 / 10)
    for index in matches.indices {
      #expect(back.points1[index] == there.points0[index])
      let difference = back.points0[index] - there.points1[index]
      #expect((difference * difference).sum() < 0.01 * 0.01)
    }
  }

  @Test func flatSaturatedAndForeignWindowsKeepTheirPoints() {
    let pair = TexturePair(seed: 9)
    let flat = plain(TexturePair.side, TexturePair.side)
    let white = GrayImage(
      width: flat.width, height: flat.height,
      pixels: .bits8([UInt8](repeating: 255, count: flat.pixels.count)))
    let matches = pair.matches(error: 0.5)
    for other in [flat, white, TexturePair(seed: 10).first] {
      let photos = Pair(
        PixelPyramid(pair.first, levels: 4, on: compute), PixelPyramid(other, levels: 4, on: compute))
      for photos in [photos, photos.swapped] {
        let refined = LeastSquaresMatcher()(matches, photos: photos, scales: Pair(1, 1), on: compute)
        #expect(refined.refinedCount <= matches.count / 20)
        for index in matches.indices where refined.source(index) == .network {
          #expect(refined.points1[index] == matches.points1[index])
          #expect(refined.covariance(index) == PointCovariance(deviation: 1.1))
        }
      }
    }
  }

  @Test func badInput() {
    let pair = TexturePair(seed: 11)
    let odd: [(SIMD2<Double>, SIMD2<Double>)] = [
      (SIMD2(0, 0), SIMD2(0, 0)), (SIMD2(-50, 80), SIMD2(80, 80)), (SIMD2(80, 80), SIMD2(1e5, 1e5)),
      (SIMD2(.nan, 80), SIMD2(80, 80)), (SIMD2(80, 80), SIMD2(80, .infinity)), (SIMD2(1e300, 1), SIMD2(1, 1)),
      (SIMD2(159, 159), SIMD2(159, 159)), (SIMD2(80, 80), SIMD2(80.3, 80.2)),
    ]
    for count in 0...odd.count {
      for scale in [1.0, 10] {
        for fallback in [Map2.identity, Map2(-1, 0, 0, 1), Map2(0, 0, 0, 0), Map2(.nan, 0, 0, 1)] {
          var matches = Correspondences()
          for (first, second) in odd.suffix(count) { matches.append(first, second, score: 1) }
          let refined = LeastSquaresMatcher()(
            matches, photos: pair.pyramids(), scales: Pair(1, scale), fallback: fallback, on: compute)
          for index in matches.indices {
            let covariance = refined.covariance(index)
            #expect(covariance.xx > 0 && covariance.yy > 0 && covariance.xy.isFinite)
            if refined.source(index) == .refined {
              #expect(refined.points0[index].isModest && refined.points1[index].isModest)
            } else {
              let same = refined.points0[index] == matches.points0[index]
              #expect(same || matches.points0[index].x.isNaN)
            }
          }
        }
      }
    }
    // A lone match is refined, too.
    var one = Correspondences()
    one.append(SIMD2(80, 80), SIMD2(80.3, 80.2), score: 1)
    #expect(pair.refined(one).refinedCount == 1)
  }

  @Test func mirroredNeighboursAreNoStart() {
    let offsets = (0..<16).map { index in
      let p = SIMD2(Double(index % 4) * 8 + 3, Double(index / 4) * 8 - 10)
      return (first: p, second: SIMD2(-p.x, p.y))
    }
    let affine = LocalAffine(fitting: offsets, scale: 1, fallback: .identity)
    #expect(affine.map == .identity && !affine.isFitted)
  }

  @Test func neighboursAgainstBruteForce() {
    var random = SeededGenerator(12)
    for count in [1, 2, 5, 40, 400] {
      let points = (0..<count).map { _ in
        (SIMD2(random.uniform(0...300), random.uniform(0...40)) / 4).rounded(.down) * 4
      }
      let grid = NeighbourGrid(points)
      for index in points.indices {
        let all = points.indices.filter { $0 != index }.map { other -> (Double, Int) in
          let offset = points[other] - points[index]
          return ((offset * offset).sum(), other)
        }
        let expected = all.filter { $0.0 < 60 * 60 }.sorted { $0 < $1 }.prefix(16).map(\.1)
        #expect(grid.nearest(to: index, count: 16, reach: 60) == Array(expected))
      }
    }
  }
}
