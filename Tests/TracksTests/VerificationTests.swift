// What a pair is: scenes with depth, planes and turning cameras, with and without known cameras.

import Geometry
import Testing

@testable import Tracks

@Suite struct VerificationTests {
  private static let camera = Camera(fx: 700, fy: 700, cx: 319.5, cy: 239.5)
  /// 8 degrees about y.
  private static let rotation = Matrix3(
    SIMD3(0.990268, 0, 0.139173), SIMD3(0, 1, 0), SIMD3(-0.139173, 0, 0.990268))

  /// Matches of points at `depth(index)`, seen by a camera that moved by `translation` and turned; the last `wrong`
  /// have nothing to do with each other.
  private func views(
    translation: SIMD3<Double>, wrong: Int = 20, depth: (Int) -> Double
  ) -> (points0: [SIMD2<Double>], points1: [SIMD2<Double>]) {
    var (points0, points1): ([SIMD2<Double>], [SIMD2<Double>]) = ([], [])
    for index in 0..<120 {
      let ray = SIMD3(Double(index % 12) / 12 - 0.45, Double(index / 12) / 12 - 0.4, 1)
      let point = depth(index) * ray
      let moved = Self.rotation * point + translation
      func project(_ point: SIMD3<Double>) -> SIMD2<Double> {
        SIMD2(700 * point.x / point.z + 319.5, 700 * point.y / point.z + 239.5)
      }
      points0.append(project(point))
      points1.append(
        index < 120 - wrong
          ? project(moved) : SIMD2(Double(index * 7919 % 640), Double(index * 6007 % 480)))
    }
    return (points0, points1)
  }

  private func verified(
    _ views: (points0: [SIMD2<Double>], points1: [SIMD2<Double>]), calibrated: Bool, focal: Double = 700
  ) throws -> VerifiedViews {
    let camera = Camera(fx: focal, fy: focal, cx: Self.camera.cx, cy: Self.camera.cy)
    return try TwoViewVerification()(
      points0: views.points0, points1: views.points1,
      scores: [Double](repeating: 0.5, count: views.points0.count), threshold: 1,
      cameras: calibrated ? (camera, camera) : nil)
  }

  /// Depths without a plane through them.
  private func rough(_ index: Int) -> Double { 4 + Double(index * 37 % 101) / 25 }

  @Test func depthWithoutCamerasIsUncalibrated() throws {
    let views = views(translation: SIMD3(-1, 0.1, 0), depth: rough)
    let found = try verified(views, calibrated: false)
    #expect(found.configuration == .uncalibrated)
    #expect(found.configuration.rawValue == 3)
    #expect(found.inliers[..<100].allSatisfy { $0 })
    #expect(found.inlierCount <= 105)
    let matrix = try #require(found.fundamental)
    for index in 0..<100 {
      #expect(EpipolarError.sampson(matrix, views.points0[index], views.points1[index]) < 0.1)
    }
    #expect(found.essential == nil && found.pose == nil)
  }

  @Test func depthWithCamerasIsCalibrated() throws {
    let found = try verified(views(translation: SIMD3(-1, 0.1, 0), depth: rough), calibrated: true)
    #expect(found.configuration == .calibrated)
    #expect(found.configuration.rawValue == 2)
    #expect(found.inliers[..<100].allSatisfy { $0 })
    let pose = try #require(found.pose)
    #expect(PoseErrors.direction(pose.translation, SIMD3(-1, 0.1, 0)) < 0.02)
    #expect(found.essential != nil && found.fundamental != nil)
  }

  @Test func planeIsPlanarWhereCamerasAreKnown() throws {
    // The plane z = 5 + 0.5 x: a ray (u, v, 1) meets it at depth 5 / (1 - 0.5 u).
    let plane = views(translation: SIMD3(-1, 0.1, 0)) { 5 / (1 - 0.5 * (Double($0 % 12) / 12 - 0.45)) }
    let known = try verified(plane, calibrated: true)
    #expect(known.configuration == .planar)
    #expect(known.configuration.rawValue == 4)
    #expect(known.inliers[..<100].allSatisfy { $0 })
    #expect(known.homography != nil)
    let unknown = try verified(plane, calibrated: false)
    #expect(unknown.configuration == .planarOrPanoramic)
    #expect(unknown.configuration.rawValue == 6)
  }

  @Test func turningCameraIsPanoramic() throws {
    let turn = views(translation: .zero, depth: rough)
    let found = try verified(turn, calibrated: true)
    #expect(found.configuration == .panoramic)
    #expect(found.configuration.rawValue == 5)
    #expect(found.inliers[..<100].allSatisfy { $0 })
  }

  /// E of a wrong camera keeps nearly all inliers, whose others stay, or clearly fewer than F, which counts then.
  @Test(arguments: [(600.0, TwoViewConfiguration.calibrated), (500, .uncalibrated), (1200, .uncalibrated)])
  func wrongCameras(focal: Double, configuration: TwoViewConfiguration) throws {
    let views = views(translation: SIMD3(-1, 0.1, 0.4), depth: rough)
    let found = try verified(views, calibrated: true, focal: focal)
    #expect(found.configuration == configuration)
    #expect(found.inliers[..<100].allSatisfy { $0 })
    #expect((found.essential != nil) == (configuration == .calibrated))
  }

  /// Matches beside the plane that the epipolar geometry explains stay.
  @Test(arguments: [true, false]) func mostlyPlane(calibrated: Bool) throws {
    let views = views(translation: SIMD3(-1, 0.1, 0)) {
      $0 % 8 == 3 ? 9 : 5 / (1 - 0.5 * (Double($0 % 12) / 12 - 0.45))
    }
    let found = try verified(views, calibrated: calibrated)
    #expect(found.configuration == (calibrated ? .planar : .planarOrPanoramic))
    #expect(found.inliers[..<100].allSatisfy { $0 })
  }

  /// A step so small that a turn explains some matches of the plane, but not nearly all.
  @Test(arguments: [(0.004, TwoViewConfiguration.panoramic), (0.006, .planar), (0.01, .planar)])
  func turnWithAStep(step: Double, configuration: TwoViewConfiguration) throws {
    let views = views(translation: SIMD3(-step, 0, 0)) { 2.5 / (1 - 1.5 * (Double($0 % 12) / 12 - 0.45)) }
    #expect(try verified(views, calibrated: true).configuration == configuration)
  }

  @Test func chanceIsDegenerate() throws {
    let few = views(translation: SIMD3(-1, 0.1, 0), depth: rough)
    let some = (Array(few.points0[..<14]), Array(few.points1[..<14]))
    let found = try verified(some, calibrated: false)
    #expect(found.configuration == .degenerate)
    #expect(found.configuration.rawValue == 1)
    #expect(found.inlierCount == 0 && found.inliers.count == 14)
    #expect(try verified(([], []), calibrated: true).configuration == .degenerate)
  }

  @Test func nearestRotationOfAMultipleAndOfANoisyOne() throws {
    let scaled = try #require(TwoViewVerification.nearestRotation(3.7 * Self.rotation))
    let reference = try #require(TwoViewVerification.nearestRotation(Self.rotation))
    for (value, expected) in zip(scaled.rowMajor, reference.rowMajor) {
      #expect(abs(value - expected) < 1e-12)
    }
    let product = reference * reference.transpose
    for row in 0..<3 {
      for column in 0..<3 { #expect(abs(product[row, column] - (row == column ? 1 : 0)) < 1e-12) }
    }
    #expect(TwoViewVerification.nearestRotation(Matrix3(.zero, .zero, .zero)) == nil)
  }
}

/// Angles between directions.
private enum PoseErrors {
  static func direction(_ first: SIMD3<Double>, _ second: SIMD3<Double>) -> Double {
    let lengths = ((first * first).sum() * (second * second).sum()).squareRoot()
    return 1 - (first * second).sum() / lengths
  }
}
