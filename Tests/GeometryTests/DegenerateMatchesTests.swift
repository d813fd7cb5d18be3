// Matches that determine nothing: a clear reason, no crash, no error.

import Testing
import TestSupport

@testable import Geometry

@Suite struct DegenerateMatchesTests {
  private typealias Points = [SIMD2<Double>]

  private func estimate(
    _ kind: GeometryKind, _ points0: Points, _ points1: Points, _ estimator: Estimator = .magsac
  ) throws -> TwoViewGeometry {
    let options = RobustOptions(estimator: estimator)
    switch kind {
    case .homography: return try Homography.estimate(points0: points0, points1: points1, options: options)
    case .fundamental:
      return try FundamentalMatrix.estimate(points0: points0, points1: points1, options: options)
    case .essential:
      return try EssentialMatrix.estimate(
        points0: points0, points1: points1, camera0: SyntheticScene.camera0, camera1: SyntheticScene.camera0,
        options: options)
    }
  }

  private func random(_ count: Int, seed: UInt64) -> Points {
    var generator = SeededGenerator(seed)
    return (0..<count).map { _ in SIMD2(generator.uniform(0...999), generator.uniform(0...799)) }
  }

  @Test(arguments: GeometryKind.allCases)
  func tooFewMatchesAreCounted(kind: GeometryKind) throws {
    for count in 0..<kind.minimumMatches {
      let outcome = try estimate(kind, random(count, seed: 1), random(count, seed: 2))
      let reason = NotEstimatedReason.tooFewMatches(found: count, needed: kind.minimumMatches)
      #expect(outcome == .notEstimated(kind, reason))
    }
  }

  @Test(arguments: GeometryKind.allCases, Estimator.allCases)
  func smallCountsDoNotCrash(kind: GeometryKind, estimator: Estimator) throws {
    for count in kind.minimumMatches...(kind.minimumMatches + 6) {
      let scene = SyntheticScene.space(count: count, noise: 0, outliers: 0)
      _ = try estimate(kind, scene.points0, scene.points1, estimator)
      _ = try estimate(kind, random(count, seed: 3), random(count, seed: 4), estimator)
    }
  }

  @Test(arguments: GeometryKind.allCases, Estimator.allCases)
  func equalPointsAreCollinear(kind: GeometryKind, estimator: Estimator) throws {
    let same = Points(repeating: SIMD2(100, 200), count: 50)
    #expect(
      try estimate(kind, same, random(50, seed: 1), estimator) == .notEstimated(kind, .collinear(image: 0)))
    #expect(
      try estimate(kind, random(50, seed: 1), same, estimator) == .notEstimated(kind, .collinear(image: 1)))
    #expect(try estimate(kind, same, same, estimator) == .notEstimated(kind, .collinear(image: 0)))
  }

  @Test(arguments: GeometryKind.allCases, Estimator.allCases)
  func pointsOnALineAreRefused(kind: GeometryKind, estimator: Estimator) throws {
    let line = (0..<60).map { SIMD2(10 + 3.7 * Double($0), 20 + 1.3 * Double($0)) }
    let moved = line.map { $0 * 1.1 + SIMD2(5, 7) }
    #expect(try estimate(kind, line, moved, estimator) == .notEstimated(kind, .collinear(image: 0)))
  }

  /// A line of true matches and a few strays: the check before lets them pass, but a homography that fits the line and
  /// one stray is one of many.
  @Test(arguments: Estimator.allCases, [1, 4])
  func aLineAndStraysDetermineNoHomography(estimator: Estimator, strays: Int) throws {
    let line = (0..<60).map { SIMD2(10 + 3.7 * Double($0), 20 + 1.3 * Double($0)) }
    let points0 = line + random(4, seed: 5).prefix(strays)
    let points1 = line.map { $0 * 1.1 + SIMD2(5, 7) } + random(4, seed: 6).prefix(strays)
    #expect(
      try estimate(.homography, points0, points1, estimator) == .notEstimated(.homography, .degenerateModel))
  }

  /// Matches off the line that agree with it do determine one. PROSAC draws the first matches first: the line.
  @Test(arguments: Estimator.allCases.filter { $0 != .prosac })
  func aLineAndMatchesBesideItDetermineAHomography(estimator: Estimator) throws {
    let line = (0..<30).map { SIMD2(10 + 3.7 * Double($0), 20 + 1.3 * Double($0)) }
    let points0 = line + random(15, seed: 5)
    let outcome = try estimate(.homography, points0, points0.map { $0 * 1.1 + SIMD2(5, 7) }, estimator)
    #expect(outcome.estimate?.inlierCount == 45)
  }

  @Test(arguments: GeometryKind.allCases)
  func coordinatesThatAreNotFiniteAreNamed(kind: GeometryKind) throws {
    for value in [Double.nan, .infinity, -.infinity] {
      var points = random(30, seed: 1)
      points[17].y = value
      let outcome = try estimate(kind, random(30, seed: 2), points)
      #expect(outcome == .notEstimated(kind, .notFinite(match: 17)))
    }
  }

  @Test(arguments: Estimator.allCases)
  func identicalImages(estimator: Estimator) throws {
    let points = random(200, seed: 8)
    let homography = try #require(try estimate(.homography, points, points, estimator).estimate)
    let difference =
      zip(homography.matrix.rowMajor, Matrix3.identity.rowMajor).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-4)
    #expect(homography.inlierCount == 200)
    for kind in [GeometryKind.fundamental, .essential] {
      #expect(try estimate(kind, points, points, estimator) == .notEstimated(kind, .noMotion(threshold: 1)))
    }
  }

  /// LMedS takes its threshold from the matches, so that all of them agree.
  @Test(arguments: GeometryKind.allCases, Estimator.allCases)
  func pureNoiseHasFewInliers(kind: GeometryKind, estimator: Estimator) throws {
    let outcome = try estimate(kind, random(100, seed: 1), random(100, seed: 2), estimator)
    #expect((outcome.estimate?.inlierCount ?? 0) <= (estimator == .lmeds ? 100 : 15))
  }

  @Test(arguments: GeometryKind.allCases, Estimator.allCases)
  func extremeCoordinatesDoNotCrash(kind: GeometryKind, estimator: Estimator) throws {
    for scale in [1e-12, 1e-3, 1e6, 1e20, 1e200] {
      _ = try estimate(kind, random(60, seed: 1).map { $0 * scale }, random(60, seed: 2), estimator)
      _ = try estimate(kind, random(60, seed: 1), random(60, seed: 2).map { $0 * scale }, estimator)
    }
  }

  /// The pictures may differ in size by any factor.
  @Test(arguments: [Estimator.magsac, .ransac, .usacAccurate])
  func differentScalesAreFine(estimator: Estimator) throws {
    let scene = SyntheticScene.plane(noise: 0.05)
    let scaling = PixelScaling(sx: 12.5, sy: 11)
    let points0 = scaling.toOriginal(scene.points0)
    let found = try #require(
      try Homography.estimate(
        points0: points0, points1: scene.points1, options: RobustOptions(estimator: estimator)
      ).estimate)
    let corner = try #require(Homography.apply(SyntheticScene.homography, to: SIMD2(999, 799)))
    #expect(ReprojectionError.forward(found.matrix, scaling.toOriginal(SIMD2(999, 799)), corner) < 0.5)
  }

  @Test func listsMustCorrespond() {
    #expect(throws: GeometryError.countMismatch(points0: 9, points1: 10)) {
      try estimate(.homography, random(9, seed: 1), random(10, seed: 1))
    }
    #expect(throws: GeometryError.countMismatch(points0: 9, points1: 2)) {
      try Homography.estimate(points0: random(9, seed: 1), points1: random(9, seed: 2), scores: [1, 2])
    }
  }

  @Test func optionsAreChecked() {
    let bad = [
      RobustOptions(threshold: 0), RobustOptions(threshold: .nan), RobustOptions(confidence: 1),
      RobustOptions(confidence: 0), RobustOptions(maxIterations: 0),
    ]
    for options in bad {
      #expect(throws: GeometryError.self) {
        try Homography.estimate(points0: [], points1: [], options: options)
      }
    }
  }

  @Test func reasonsAreOneLine() {
    let reasons: [NotEstimatedReason] = [
      .tooFewMatches(found: 3, needed: 8), .notFinite(match: 1), .collinear(image: 0),
      .noMotion(threshold: 1),
      .noModel(matches: 9), .tooFewInliers(found: 3, needed: 8), .degenerateModel,
    ]
    for reason in reasons { #expect(!reason.description.contains("\n")) }
    #expect(reasons[0].description == "3 matches, at least 8 are needed")
  }
}
