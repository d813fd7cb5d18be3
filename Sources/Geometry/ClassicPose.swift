// The relative pose by the protocol of SuperGlue and LoFTR, bit by bit, for numbers comparable with published ones.
// Points K^-1 x; threshold 0.5 px over the mean of (fx0, fy1, fx0, fy1), a known slip (LoFTR issue 165: fy0 and fx1
// were meant) that is harmless for equal focal lengths; OpenCV's classic RANSAC with confidence 0.99999 and 1000
// iterations; recoverPose; most inliers win.
// A second slip: the protocol passes recoverPose a distance threshold of 1e9 by position, which Python's overloads take
// for an output (OpenCV 4.6 and 4.14 alike). So OpenCV's own limit of 50 baselines applies in published numbers: points
// farther away do not count when the pose is chosen among four.

import COpenCV

/// Estimates a pose as published evaluations do. For the best pose, use `EssentialMatrix`.
package struct ClassicPose: Codable, Equatable, Sendable {
  /// Largest Sampson error of an inlier, in pixels (divided by the protocol's mean focal length).
  package var threshold: Double
  /// RANSAC's confidence; below 1.
  package var confidence: Double
  /// Points farther away than this many baselines do not count.
  package var maximumDistance: Double
  /// 0 keeps the order of the matches, as the protocol does; other values shuffle them, for a mean over repeats.
  /// OpenCV's generator is always seeded alike, so only the order varies its samples.
  package var shuffle: UInt64

  package init(
    threshold: Double = 0.5, confidence: Double = 0.99999, maximumDistance: Double = 50, shuffle: UInt64 = 0
  ) {
    self.threshold = threshold
    self.confidence = confidence
    self.maximumDistance = maximumDistance
    self.shuffle = shuffle
  }

  package struct Result: Equatable, Sendable {
    /// `inFrontCount` is the number of inliers.
    package let pose: RelativePose
    /// Per match, in the order given: an inlier of E, in front of both cameras and not too far away.
    package let inlierMask: [Bool]
  }

  /// The pose from matches in pixels, in the matcher's order (which determines RANSAC's samples). Nil with fewer than 5
  /// matches, non-finite coordinates, or if OpenCV finds none. Throws `GeometryError` for options out of range and
  /// lists of different length.
  package func callAsFunction(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], camera0: Camera, camera1: Camera
  ) throws(GeometryError) -> Result? {
    let options = RobustOptions(
      estimator: .ransac, threshold: threshold, confidence: confidence, maxIterations: 1000, seed: shuffle)
    let problem = try RobustProblem(
      .essential, points0.map { camera0.normalized($0) }, points1.map { camera1.normalized($0) }, options, nil
    )
    guard maximumDistance > 0 else {
      throw .invalidOption(
        name: "largest distance", value: "\(maximumDistance)", allowed: "a positive number of baselines")
    }
    guard problem.count >= 5, problem.firstNotFinite == nil else { return nil }
    // Summed in NumPy's order (the first, plus the sum of the rest), which decides the last bit.
    let focal = (camera0.fx + ((camera1.fy + camera0.fx) + camera1.fy)) / 4
    let (y0, y1) = (problem.order.interleaved(problem.points0), problem.order.interleaved(problem.points1))
    var rotation = [Double](repeating: 0, count: 9)
    var translation = [Double](repeating: 0, count: 3)
    var inliers: Int32 = 0
    var mask = [UInt8](repeating: 0, count: problem.count)
    let found = try problem.solve {
      cocv_classic_pose(
        y0, y1, problem.count, threshold / focal, confidence, maximumDistance, &rotation, &translation,
        &inliers, &mask, $0, $1
      )
    }
    guard found else { return nil }
    let pose = RelativePose(
      rotation: Matrix3(rowMajor: rotation),
      translation: SIMD3(translation[0], translation[1], translation[2]), inFrontCount: Int(inliers))
    return Result(pose: pose, inlierMask: problem.order.restored(mask))
  }
}
