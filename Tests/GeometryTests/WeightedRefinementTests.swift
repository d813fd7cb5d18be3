// Matches of known precision count for what they are worth.

import TestSupport
import Testing

@testable import Geometry

@Suite struct WeightedRefinementTests {
  /// Every fourth true match is precise to 0.05 px, the others to 1 px, along an edge in a known direction even less.
  private func roughened(
    _ scene: SyntheticScene, seed: UInt64
  ) -> (points1: [SIMD2<Double>], precisions: [PointPrecision]) {
    var generator = SeededGenerator(seed + 100)
    var (points1, precisions) = (scene.points1, [PointPrecision]())
    for index in points1.indices {
      let isPrecise = index % 4 == 0
      let deviation = SIMD2(isPrecise ? 0.05 : 1, isPrecise ? 0.05 : index % 4 == 1 ? 0.2 : 1)
      points1[index] += deviation * SIMD2(generator.normal(), generator.normal())
      let covariance = PointCovariance(xx: deviation.x * deviation.x, xy: 0, yy: deviation.y * deviation.y)
      precisions.append(
        PointPrecision(covariance: covariance, source: isPrecise ? .refined : .network, map: .identity))
    }
    return (points1, precisions)
  }

  @Test func posesGain() throws {
    var errors = SIMD2<Double>.zero
    for seed in 1...10 {
      let scene = SyntheticScene.space(noise: 0, outliers: 0.2, seed: UInt64(seed))
      let (points1, precisions) = roughened(scene, seed: UInt64(seed))
      func error(_ precisions: [PointPrecision]?) throws -> Double {
        let geometry = try EssentialMatrix.estimate(
          points0: scene.points0, points1: points1, camera0: SyntheticScene.camera0,
          camera1: SyntheticScene.camera1, options: RobustOptions(threshold: 2), precisions: precisions)
        let pose = try #require(geometry.estimate?.pose)
        return max(
          angle(pose.rotation, SyntheticScene.rotation), angle(pose.translation, SyntheticScene.translation))
      }
      errors += SIMD2(try error(nil), try error(precisions))
    }
    #expect(errors.y < 0.4 * errors.x, "\(errors)")
  }

  @Test func homographiesGain() throws {
    var errors = SIMD2<Double>.zero
    for seed in 1...10 {
      let scene = SyntheticScene.plane(noise: 0, outliers: 0.2, seed: UInt64(seed))
      let (points1, precisions) = roughened(scene, seed: UInt64(seed))
      func error(_ precisions: [PointPrecision]?) throws -> Double {
        let geometry = try Homography.estimate(
          points0: scene.points0, points1: points1, options: RobustOptions(threshold: 2),
          precisions: precisions)
        return CornerError.mean(
          try #require(geometry.estimate).matrix, truth: SyntheticScene.homography, width: 1000, height: 800)
      }
      errors += SIMD2(try error(nil), try error(precisions))
    }
    #expect(errors.y < 0.4 * errors.x, "\(errors)")
  }

  /// Without an aligned match there is nothing to tell good ones by.
  @Test func theNetworksDeviationAloneChangesNothing() throws {
    let scene = SyntheticScene.space()
    let precisions = [PointPrecision](
      repeating: PointPrecision(
        covariance: PointCovariance(deviation: 1.1), source: .network, map: .identity),
      count: scene.points0.count)
    func estimate(_ precisions: [PointPrecision]?) throws -> TwoViewGeometry {
      try EssentialMatrix.estimate(
        points0: scene.points0, points1: scene.points1, camera0: SyntheticScene.camera0,
        camera1: SyntheticScene.camera1, precisions: precisions)
    }
    #expect(try estimate(nil) == estimate(precisions))
    #expect(throws: GeometryError.countMismatch(points0: scene.points0.count, points1: 1)) {
      try estimate(Array(precisions.prefix(1)))
    }
  }

  @Test func precisionsFollowTheirMatches() throws {
    var matches = Correspondences()
    for index in 0..<4 {
      let covariance = PointCovariance(xx: 0.1 + Double(index), xy: 0.05, yy: 0.2)
      matches.append(
        SIMD2(Double(index), 1), SIMD2(2, Double(index)), score: Double(index % 3),
        precision: PointPrecision(
          covariance: covariance, source: index == 0 ? .network : .refined, map: Map2(2, 0.5, -0.25, 1)))
    }
    #expect(matches.refinedCount == 3)
    #expect(matches.selecting([3, 0]).precisions?.map(\.covariance.xx) == [3.1, 0.1])
    #expect(matches.mapped({ $0 }, { $0 }).precisions == nil)
    let there = try #require(matches.precisions)
    let back = try #require(matches.swapped.swapped.precisions)
    for (a, b) in zip(there, back) {
      #expect(
        abs(a.covariance.xx - b.covariance.xx) < 1e-12 && abs(a.covariance.xy - b.covariance.xy) < 1e-12)
      #expect(a.map.distance(to: b.map) < 1e-12 && a.source == b.source)
    }
    // The error of the first point that an error of the second one stands for: A^-1 C A^-T.
    let swapped = try #require(matches.swapped.precisions?.first).covariance
    #expect(abs(swapped.determinant - there[0].covariance.determinant / (2.125 * 2.125)) < 1e-12)
    let white = there[1].covariance.whitening
    let one = there[1].covariance.carried(by: white)
    #expect(abs(one.xx - 1) < 1e-12 && abs(one.xy) < 1e-12 && abs(one.yy - 1) < 1e-12)
    matches.append(SIMD2(0, 0), SIMD2(0, 0), score: 1)
    #expect(matches.precisions == nil)
  }
}
