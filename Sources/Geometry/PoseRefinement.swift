// Refinement of a relative pose: Levenberg-Marquardt on the Sampson error of the matches.
// The error is y1' E y0 over the norm of its gradient by the four pixel coordinates, with E = [t]x R and y = K^-1 x; in
// pixels, also if the cameras differ (focal lengths of 1 give normalised coordinates).
// Five parameters: R -> exp(w) R, and t -> (t + a b + b c) / |...| for b, c orthogonal to t.
// Sampson error: Hartley and Zisserman, Multiple View Geometry, 2nd edition, 11.4.3.

/// The result of a refinement; robust costs in square pixels.
package struct Refined<Model: Equatable & Sendable>: Equatable, Sendable {
  package let model: Model
  /// Of the model before refinement.
  package let startCost: Double
  /// At most `startCost`.
  package let cost: Double
  /// Steps tried.
  package let iterations: Int
}

/// X1 = R X0 + t, with t of length 1.
package struct RotationAndDirection: Equatable, Sendable {
  package let rotation: Matrix3
  package let translation: SIMD3<Double>

  /// `translation` may have any length but 0.
  package init(rotation: Matrix3, translation: SIMD3<Double>) {
    self.rotation = rotation
    self.translation = translation / dot(translation, translation).squareRoot()
  }

  /// E = [t]x R.
  package var essential: Matrix3 { Matrix3.cross(translation) * rotation }
}

package struct PoseRefinement: Codable, Equatable, Sendable {
  /// Scale of the loss, in pixels; with `.truncated`, the largest error of an inlier. Positive.
  package var threshold: Double
  /// With `.truncated`, every step selects its inliers anew.
  package var loss: RobustLoss
  package var limits: LevenbergMarquardt

  package init(
    threshold: Double = 1, loss: RobustLoss = .truncated, limits: LevenbergMarquardt = LevenbergMarquardt()
  ) {
    precondition(threshold > 0, "the threshold must be positive")
    self.threshold = threshold
    self.loss = loss
    self.limits = limits
  }

  /// The pose of lowest robust cost near `pose`, never worse than `pose`. Points are in pixels, the lists of equal
  /// length. The sign of t is kept. With covariances (of the second point, given the first, pixels^2), errors are
  /// divided by their deviation, and so is the threshold meant.
  package func callAsFunction(
    _ pose: RotationAndDirection, points0: [SIMD2<Double>], points1: [SIMD2<Double>],
    covariances: [PointCovariance]? = nil, camera0: Camera, camera1: Camera
  ) -> Refined<RotationAndDirection> {
    let problem = SampsonProblem(
      points0: points0, points1: points1, covariances: covariances, camera0: camera0, camera1: camera1,
      loss: loss, scale: threshold)
    let minimum = limits.minimize(problem, from: pose)
    return Refined(
      model: minimum.state, startCost: minimum.startCost, cost: minimum.cost, iterations: minimum.iterations)
  }
}

struct SampsonProblem: LeastSquaresProblem {
  /// K^-1 x, homogeneous.
  private let rays0: [SIMD3<Double>]
  private let rays1: [SIMD3<Double>]
  /// (1 / fx^2, 1 / fy^2, 0): square units of the plane Z = 1 per square pixel.
  private let units0: SIMD3<Double>
  private let units1: SIMD3<Double>
  /// Of the second point, in units of the plane Z = 1; the first point is exact then.
  private let covariances: [PointCovariance]?
  let loss: RobustLoss
  let scale: Double

  let parameterCount = 5
  let residualsPerBlock = 1
  var blockCount: Int { rays0.count }

  init(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], covariances: [PointCovariance]? = nil,
    camera0: Camera, camera1: Camera, loss: RobustLoss, scale: Double
  ) {
    precondition(points0.count == points1.count, "every point needs its partner")
    rays0 = points0.map { camera0.normalized($0).homogeneous }
    rays1 = points1.map { camera1.normalized($0).homogeneous }
    let toPlane = Map2(1 / camera1.fx, 0, 0, 1 / camera1.fy)
    self.covariances = covariances.map { all in all.map { $0.carried(by: toPlane) } }
    units0 =
      covariances == nil ? SIMD3(1 / (camera0.fx * camera0.fx), 1 / (camera0.fy * camera0.fy), 0) : .zero
    units1 = SIMD3(1 / (camera1.fx * camera1.fx), 1 / (camera1.fy * camera1.fy), 0)
    self.loss = loss
    self.scale = scale
  }

  /// y1' E y0, the norm of its gradient by the pixel coordinates, and the epipolar lines scaled by the units.
  private func parts(
    _ match: Int, _ pose: RotationAndDirection
  ) -> (product: Double, length: Double, turned: SIMD3<Double>, line0: SIMD3<Double>, line1: SIMD3<Double>) {
    let (ray1, turned) = (rays1[match], pose.rotation * rays0[match])
    let line1 = crossProduct(pose.translation, turned)
    // E' y1 = R' (y1 x t).
    let line0 = pose.rotation.transpose * crossProduct(ray1, pose.translation)
    let scaled0 = units0 * line0
    var scaled1 = units1 * line1
    if let c = covariances?[match] {
      scaled1 = SIMD3(c.xx * line1.x + c.xy * line1.y, c.xy * line1.x + c.yy * line1.y, 0)
    }
    let length = (dot(scaled0, line0) + dot(scaled1, line1)).squareRoot()
    return (dot(ray1, line1), length, turned, scaled0, scaled1)
  }

  func residuals(of match: Int, at pose: RotationAndDirection, into residuals: inout [Double]) {
    let parts = parts(match, pose)
    residuals[0] = parts.product / parts.length
  }

  /// With r = p / d: dr = u' dE y0 + y1' dE v for u = y1 / d - p / d^3 line1 and v = -p / d^3 line0 (lines scaled);
  /// the derivatives of E = [t]x R turn both terms into triple products.
  func jacobian(of match: Int, at pose: RotationAndDirection, into jacobian: inout [Double]) {
    let parts = parts(match, pose)
    let share = parts.product / (parts.length * parts.length * parts.length)
    let left = rays1[match] / parts.length - share * parts.line1
    let right = pose.rotation * (-share * parts.line0)
    let (translation, turned, ray1) = (pose.translation, parts.turned, rays1[match])
    let byRotation =
      crossProduct(turned, crossProduct(left, translation))
      + crossProduct(right, crossProduct(ray1, translation))
    let byTranslation = crossProduct(turned, left) + crossProduct(right, ray1)
    let (tangent0, tangent1) = orthogonalUnitVectors(translation)
    jacobian[0] = byRotation.x
    jacobian[1] = byRotation.y
    jacobian[2] = byRotation.z
    jacobian[3] = dot(byTranslation, tangent0)
    jacobian[4] = dot(byTranslation, tangent1)
  }

  func moved(_ pose: RotationAndDirection, by step: [Double]) -> RotationAndDirection {
    let (tangent0, tangent1) = orthogonalUnitVectors(pose.translation)
    return RotationAndDirection(
      rotation: Matrix3.rotation(vector: SIMD3(step[0], step[1], step[2])) * pose.rotation,
      translation: pose.translation + step[3] * tangent0 + step[4] * tangent1)
  }
}

extension Matrix3 {
  /// The rotation about a vector by its length in radians: Rodrigues' formula.
  static func rotation(vector: SIMD3<Double>) -> Matrix3 {
    let angle = dot(vector, vector).squareRoot()
    let (sine, cosine) = sineAndCosine(angle)
    // sin(a) / a and (1 - cos(a)) / a^2 lose all digits near 0, where two terms of their series suffice.
    let first = angle > 1e-4 ? sine / angle : 1 - angle * angle / 6
    let second = angle > 1e-4 ? (1 - cosine) / (angle * angle) : 0.5 - angle * angle / 24
    let cross = Matrix3.cross(vector)
    let square = cross * cross
    func row(_ path: KeyPath<(SIMD3<Double>, SIMD3<Double>, SIMD3<Double>), SIMD3<Double>>) -> SIMD3<Double> {
      Matrix3.identity.rows[keyPath: path] + first * cross.rows[keyPath: path]
        + second * square.rows[keyPath: path]
    }
    return Matrix3(row(\.0), row(\.1), row(\.2))
  }
}

/// Two unit vectors orthogonal to a unit vector and to each other, deterministically.
func orthogonalUnitVectors(_ vector: SIMD3<Double>) -> (SIMD3<Double>, SIMD3<Double>) {
  let sizes = SIMD3(abs(vector.x), abs(vector.y), abs(vector.z))
  var axis = SIMD3<Double>(0, 0, 1)
  if sizes.x <= sizes.y && sizes.x <= sizes.z {
    axis = SIMD3(1, 0, 0)
  } else if sizes.y <= sizes.z {
    axis = SIMD3(0, 1, 0)
  }
  let first = crossProduct(vector, axis)
  let unit = first / dot(first, first).squareRoot()
  return (unit, crossProduct(vector, unit))
}
