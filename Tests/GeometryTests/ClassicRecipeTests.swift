// The published recipes: what they return, their slip, their shuffles. Their agreement with OpenCV's own Python calls
// is checked by training/evaluation/reference_pose.py.

import Testing

@testable import Geometry

@Suite struct ClassicRecipeTests {
  private func pose(
    _ problem: RandomPoseProblem, _ recipe: ClassicPose = ClassicPose(), camera0: Camera? = nil,
    camera1: Camera? = nil
  ) throws -> ClassicPose.Result? {
    try recipe(
      points0: problem.points0, points1: problem.points1, camera0: camera0 ?? problem.camera0,
      camera1: camera1 ?? problem.camera1)
  }

  @Test func findsPoses() throws {
    for seed in UInt64(0)..<10 {
      let problem = RandomPoseProblem(seed: seed, noise: 0.2, outliers: 0.3)
      let found = try #require(try pose(problem))
      #expect(problem.error(found.pose.rotation, found.pose.translation).degrees < 5)
      #expect(found.inlierMask.count { $0 } == found.pose.inFrontCount)
      #expect(found.inlierMask.count == problem.points0.count && found.pose.inFrontCount > 50)
    }
  }

  @Test func fiveMatchesDoAndFourDoNot() throws {
    let five = RandomPoseProblem(seed: 3, count: 5, noise: 0, outliers: 0)
    #expect(try pose(five)?.pose.inFrontCount == 5)
    let four = RandomPoseProblem(seed: 3, count: 4, noise: 0, outliers: 0)
    #expect(try pose(four) == nil)
    let camera = five.camera0
    let nowhere = try ClassicPose()(
      points0: five.points0 + [SIMD2(.nan, 0)], points1: five.points1 + [SIMD2(0, 0)], camera0: camera,
      camera1: camera)
    #expect(nowhere == nil)
    #expect(throws: GeometryError.countMismatch(points0: 5, points1: 4)) {
      try ClassicPose()(points0: five.points0, points1: four.points1, camera0: camera, camera1: camera)
    }
    #expect(throws: GeometryError.self) { try pose(five, ClassicPose(threshold: 0)) }
  }

  /// The threshold is divided by fx0 and fy1. Points are moved along, so that the normalised ones stay the same.
  @Test func theSlipOfTheRecipeIsKept() throws {
    let problem = RandomPoseProblem(seed: 11, noise: 1)
    func inliers(fx0: Double, fy0: Double, fx1: Double, fy1: Double) throws -> Int? {
      let cameras = [Camera(fx: fx0, fy: fy0, cx: 0, cy: 0), Camera(fx: fx1, fy: fy1, cx: 0, cy: 0)]
      return try ClassicPose()(
        points0: problem.points0.map { problem.camera0.normalized($0) * SIMD2(fx0, fy0) },
        points1: problem.points1.map { problem.camera1.normalized($0) * SIMD2(fx1, fy1) },
        camera0: cameras[0],
        camera1: cameras[1])?.pose.inFrontCount
    }
    let plain = try inliers(fx0: 1024, fy0: 1024, fx1: 1024, fy1: 1024)
    // Powers of two: nothing is rounded. fy0 and fx1 do not matter, fx0 and fy1 alike do.
    #expect(try inliers(fx0: 1024, fy0: 64, fx1: 8192, fy1: 1024) == plain)
    let looser = try inliers(fx0: 256, fy0: 1024, fx1: 1024, fy1: 256)
    #expect(looser != plain)
    #expect(try inliers(fx0: 384, fy0: 1024, fx1: 1024, fy1: 128) == looser)
  }

  /// Points beyond 50 baselines do not count, as in the published numbers.
  @Test func farPointsDoNotCount() throws {
    let problem = RandomPoseProblem(seed: 5, noise: 0, outliers: 0, depths: 80...200)
    #expect(try pose(problem) == nil)
    let found = try #require(try pose(problem, ClassicPose(maximumDistance: 1e9)))
    #expect(found.pose.inFrontCount > 290)
    #expect(problem.error(found.pose.rotation, found.pose.translation).degrees < 0.1)
    #expect(throws: GeometryError.self) { try pose(problem, ClassicPose(maximumDistance: 0)) }
  }

  @Test func shufflesRepeatAndDiffer() throws {
    let problem = RandomPoseProblem(seed: 8, noise: 1.5)
    let results = try (0..<6).map { try #require(try pose(problem, ClassicPose(shuffle: $0))) }
    #expect(try pose(problem, ClassicPose(shuffle: 4)) == results[4])
    #expect(results.contains { $0.pose != results[0].pose })
    // Masks come back in the order of the matches.
    for result in results {
      let essential = Matrix3.cross(result.pose.translation) * result.pose.rotation
      let limit = 0.5 / ((problem.camera0.fx + problem.camera1.fy) / 2)
      for (match, isInlier) in result.inlierMask.enumerated() where isInlier {
        let error = EpipolarError.sampson(
          essential, problem.camera0.normalized(problem.points0[match]),
          problem.camera1.normalized(problem.points1[match]))
        #expect(error <= limit * 1.001)
      }
    }
  }

  @Test func homographies() throws {
    let scene = SyntheticScene.plane()
    let found = try #require(try ClassicHomography()(points0: scene.points0, points1: scene.points1))
    #expect(CornerError.mean(found.matrix, truth: SyntheticScene.homography, width: 1000, height: 800) < 0.5)
    #expect(scene.quality(of: found.inlierMask).recall > 0.99)
    let shuffled = try ClassicHomography(shuffle: 2)(points0: scene.points0, points1: scene.points1)
    #expect(scene.quality(of: try #require(shuffled).inlierMask).recall > 0.9)
    #expect(shuffled?.matrix != found.matrix)
    let three = try ClassicHomography()(
      points0: Array(scene.points0[..<3]), points1: Array(scene.points1[..<3]))
    #expect(three == nil)
    let four = try ClassicHomography()(
      points0: [SIMD2(0, 0), SIMD2(9, 0), SIMD2(0, 9), SIMD2(9, 9)],
      points1: [SIMD2(1, 0), SIMD2(10, 0), SIMD2(1, 9), SIMD2(10, 9)])
    #expect(abs((four?.matrix[0, 2] ?? 0) - 1) < 1e-5)
  }
}
