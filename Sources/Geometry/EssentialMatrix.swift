// Essential matrix of two pictures of a rigid scene with known cameras: y1' E y0 = 0 for y = K^-1 x,
// and the motion X1 = R X0 + t (t of length 1) that puts most inliers in front of both cameras.

import COpenCV

/// Robust estimation of an essential matrix and the relative pose.
package enum EssentialMatrix {
  /// Estimates E, R and t from matches in pixels; at least 6 (5 allow up to ten solutions, the sixth decides).
  ///
  /// The threshold is in pixels of the pictures, also where the cameras differ. With `options.refine`, E = [t]x R is
  /// refined and an inlier has a Sampson distance of at most the threshold; without, E and the mask are OpenCV's,
  /// whose USAC estimators bound the root of both squared distances to the epipolar lines. `scores` (higher is better)
  /// order the matches for PROSAC; `precisions` weigh them in the refinement. Throws `GeometryError` for options out
  /// of range and lists of different length.
  package static func estimate(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], camera0: Camera, camera1: Camera,
    options: RobustOptions = RobustOptions(), scores: [Float]? = nil, precisions: [PointPrecision]? = nil
  ) throws(GeometryError) -> TwoViewGeometry {
    let problem = try RobustProblem(.essential, points0, points1, options, scores, precisions)
    if let obstacle = problem.obstacle { return .notEstimated(.essential, obstacle) }
    // The motion as camera 1 would see it with the cameras' difference taken out, in its pixels.
    let focal = SIMD2(camera1.fx, camera1.fy)
    let seen0 = points0.map { camera0.normalized($0) * focal }
    let seen1 = points1.map { camera1.normalized($0) * focal }
    if !moves(seen0, seen1, beyond: options.threshold, kind: .essential) {
      return .notEstimated(.essential, .noMotion(threshold: options.threshold))
    }
    let (x0, x1) = (problem.order.interleaved(points0), problem.order.interleaved(points1))
    var values = [Double](repeating: 0, count: 9)
    var rotation = [Double](repeating: 0, count: 9)
    var translation = [Double](repeating: 0, count: 3)
    var inFront: Int32 = 0
    var mask = [UInt8](repeating: 0, count: problem.count)
    let found = try problem.solve {
      cocv_find_essential(
        x0, x1, problem.count, camera0.shimCamera, camera1.shimCamera, problem.shimOptions, &values,
        &rotation,
        &translation, &inFront, &mask, $0, $1)
    }
    guard found else { return .notEstimated(.essential, .noModel(matches: problem.count)) }
    let inlierMask = problem.order.restored(mask)
    if let weakness = problem.weakness(of: inlierMask) { return .notEstimated(.essential, weakness) }
    let pose = RelativePose(
      rotation: Matrix3(rowMajor: rotation),
      translation: SIMD3(translation[0], translation[1], translation[2]), inFrontCount: Int(inFront))
    let estimate = TwoViewEstimate(
      kind: .essential, matrix: Matrix3(rowMajor: values).normalizedUpToScale, pose: pose,
      inlierMask: inlierMask)
    return .estimated(problem.refined(estimate, camera0: camera0, camera1: camera1))
  }
}

extension Camera {
  fileprivate var shimCamera: cocv_camera { cocv_camera(fx: fx, fy: fy, cx: cx, cy: cy) }
}
