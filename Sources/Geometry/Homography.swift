// Homography between two pictures: x1 ~ H x0. True for a plane, or for a camera that only turned.

import COpenCV

/// Robust estimation of a homography.
package enum Homography {
  /// Estimates H from matches in pixels; at least 5 (4 determine H, the fifth confirms it).
  ///
  /// An inlier is at most the threshold away from H x0 in image 1, before and after `options.refine`. `scores` (higher
  /// is better) order the matches for PROSAC; `precisions` weigh them in the refinement. Throws `GeometryError` for
  /// options out of range and lists of different length.
  package static func estimate(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], options: RobustOptions = RobustOptions(),
    scores: [Float]? = nil, precisions: [PointPrecision]? = nil
  ) throws(GeometryError) -> TwoViewGeometry {
    let problem = try RobustProblem(.homography, points0, points1, options, scores, precisions)
    if let obstacle = problem.obstacle { return .notEstimated(.homography, obstacle) }
    let (x0, x1) = (problem.order.interleaved(points0), problem.order.interleaved(points1))
    var values = [Double](repeating: 0, count: 9)
    var mask = [UInt8](repeating: 0, count: problem.count)
    let found = try problem.solve {
      cocv_find_homography(x0, x1, problem.count, problem.shimOptions, &values, &mask, $0, $1)
    }
    guard found else { return .notEstimated(.homography, .noModel(matches: problem.count)) }
    let inlierMask = problem.order.restored(mask)
    if let weakness = problem.weakness(of: inlierMask) { return .notEstimated(.homography, weakness) }
    let matrix = normalized(Matrix3(rowMajor: values))
    guard isInvertible(matrix) else { return .notEstimated(.homography, .degenerateModel) }
    let estimate = TwoViewEstimate(kind: .homography, matrix: matrix, inlierMask: inlierMask)
    return .estimated(problem.refined(estimate))
  }

  /// H x, or nil where H sends x to infinity.
  package static func apply(_ matrix: Matrix3, to point: SIMD2<Double>) -> SIMD2<Double>? {
    let mapped = matrix * point.homogeneous
    let result = SIMD2(mapped.x / mapped.z, mapped.y / mapped.z)
    return result.x.isFinite && result.y.isFinite ? result : nil
  }

  /// H[2,2] = 1, unless it is (nearly) 0: then Frobenius norm 1.
  static func normalized(_ matrix: Matrix3) -> Matrix3 {
    let corner = matrix[2, 2]
    guard abs(corner) > 1e-12 * matrix.frobeniusNorm else { return matrix.normalizedUpToScale }
    // Divided value by value: corner * (1 / corner) is not always 1.
    return Matrix3(rowMajor: matrix.rowMajor.map { $0 / corner })
  }

  /// Whether H can be inverted: det H against the product of its rows' lengths, which no scale changes.
  static func isInvertible(_ matrix: Matrix3) -> Bool {
    let lengths = [matrix.rows.0, matrix.rows.1, matrix.rows.2].map { dot($0, $0).squareRoot() }
    let determinant = matrix.determinant
    return determinant.isFinite && abs(determinant) > 1e-12 * lengths[0] * lengths[1] * lengths[2]
  }
}
