// The homography by the HPatches protocol of SuperGlue and LoFTR: OpenCV's classic RANSAC at 3 px with its default
// confidence 0.995 and 2000 iterations, followed by OpenCV's own refinement of the forward error.

import COpenCV

/// Estimates a homography as published evaluations do. For the best one, use `Homography`.
package struct ClassicHomography: Codable, Equatable, Sendable {
  /// Largest distance from H x0 to x1 of an inlier, in pixels of the points passed in.
  package var threshold: Double
  /// 0 keeps the order of the matches, as the protocol does; other values shuffle them, for a mean over repeats.
  package var shuffle: UInt64

  package init(threshold: Double = 3, shuffle: UInt64 = 0) {
    self.threshold = threshold
    self.shuffle = shuffle
  }

  /// H from matches in pixels, in the matcher's order (which determines RANSAC's samples). Nil with fewer than 4
  /// matches, non-finite coordinates, or if OpenCV finds none. Throws `GeometryError` for a threshold out of range and
  /// lists of different length.
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
