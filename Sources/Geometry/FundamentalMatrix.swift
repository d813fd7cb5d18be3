// Fundamental matrix of two photos of a rigid scene, cameras unknown: x1' F x0 = 0.

import COpenCV

package enum FundamentalMatrix {
  /// F from matches in pixels; at least 8 (7 allow up to three solutions, the eighth decides).
  ///
  /// A planar scene or a purely rotating camera is degenerate: one of infinitely many F is returned; compare with a
  /// homography. Matches that do not move at all are reported as `noMotion`. `scores` (higher is better) order the
  /// matches for PROSAC. Throws `GeometryError` for options out of range and lists of different length.
  package static func estimate(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], options: RobustOptions = RobustOptions(),
    scores: [Float]? = nil
  ) throws(GeometryError) -> TwoViewGeometry {
    let problem = try RobustProblem(.fundamental, points0, points1, options, scores)
    if let obstacle = problem.obstacle { return .notEstimated(.fundamental, obstacle) }
    if !moves(points0, points1, beyond: options.threshold, kind: .fundamental) {
      return .notEstimated(.fundamental, .noMotion(threshold: options.threshold))
    }
    let (x0, x1) = (problem.order.interleaved(points0), problem.order.interleaved(points1))
    var values = [Double](repeating: 0, count: 9)
    var mask = [UInt8](repeating: 0, count: problem.count)
    let found = try problem.solve {
      cocv_find_fundamental(x0, x1, problem.count, problem.shimOptions, &values, &mask, $0, $1)
    }
    guard found else { return .notEstimated(.fundamental, .noModel(matches: problem.count)) }
    let inlierMask = problem.order.restored(mask)
    if let weakness = problem.weakness(of: inlierMask) { return .notEstimated(.fundamental, weakness) }
    let matrix = Matrix3(rowMajor: values).normalizedUpToScale
    return .estimated(TwoViewEstimate(kind: .fundamental, matrix: matrix, inlierMask: inlierMask))
  }
}

/// Whether enough matches move by more than `threshold` to indicate a baseline: as many as the model needs, and one in
/// a hundred, so that a few wrong matches between identical photos do not count as one.
func moves(
  _ points0: [SIMD2<Double>], _ points1: [SIMD2<Double>], beyond threshold: Double, kind: GeometryKind
) -> Bool {
  let moving = zip(points0, points1).count { point0, point1 in
    let offset = point1 - point0
    return (offset * offset).sum() > threshold * threshold
  }
  return moving >= max(kind.minimumMatches, points0.count / 100)
}
