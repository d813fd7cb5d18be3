// The homography by the HPatches recipe of SuperGlue and LoFTR: OpenCV's classic RANSAC at 3 px with its default
// confidence 0.995 and 2000 iterations, which OpenCV follows by a refinement of its own on the forward error.

import COpenCV

/// Estimates a homography as the published evaluations do. For the best one, use `Homography`.
package struct ClassicHomography: Codable, Equatable, Sendable {
  /// Largest distance from H x0 to x1 of an inlier, pixels of the points given.
  package var threshold: Double
  /// 0: matches as they come, which is the recipe. Others shuffle them, each in its own way, for a mean over repeats.
  package var shuffle: UInt64

  /// The recipe; its values are the defaults.
  package init(threshold: Double = 3, shuffle: UInt64 = 0) {
    self.threshold = threshold
    self.shuffle = shuffle
  }

  /// H from matches in pixels, in the order given by the matcher (which decides what RANSAC draws).
  ///
  /// Nil with fewer than 4 matches, coordinates that are not finite, or where OpenCV finds none. Throws
  /// `GeometryError` for a threshold out of range and lists of different length.
  package func callAsFunction(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>]
  ) throws(GeometryError) -> TwoViewEstimate? {
    let options = RobustOptions(
      estimator: .ransac, threshold: threshold, confidence: 0.995, maxIterations: 2000, seed: shuffle)
    let problem = try RobustProblem(.homography, points0, points1, options, nil)
    guard problem.count >= 4, problem.firstNotFinite == nil else { return nil }
    let (x0, x1) = (problem.order.interleaved(points0), problem.order.interleaved(points1))
    var values = [Double](repeating: 0, count: 9)
    var mask = [UInt8](repeating: 0, count: problem.count)
    let found = try problem.solve {
      cocv_find_homography(x0, x1, problem.count, problem.shimOptions, &values, &mask, $0, $1)
    }
    guard found else { return nil }
    return TwoViewEstimate(
      kind: .homography, matrix: Homography.normalized(Matrix3(rowMajor: values)),
      inlierMask: problem.order.restored(mask))
  }
}
