// Refinement of a homography: Levenberg-Marquardt on the symmetric transfer error x1 - H x0 and x0 - H^-1 x1.
// It works in Hartley's normalised coordinates (centroid of the inliers 0, RMS distance sqrt 2) with the last element
// of H fixed to 1: that is the depth of the centroid, which no sensible H sends to infinity. Errors are in pixels of
// image 1; those in image 0 are scaled by the ratio of the two normalisations, so that both count alike for photos of
// different size.
// Hartley and Zisserman, Multiple View Geometry, 2nd edition, 4.2.2 (error) and 4.4 (normalisation).

package struct HomographyRefinement: Codable, Equatable, Sendable {
  /// Scale of the loss: the largest error of an inlier, per direction, in pixels of image 1; positive.
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

  /// The homography of lowest robust cost near `matrix`, never worse than `matrix`. Points are in pixels, the lists of
  /// equal length. The result has H[2,2] = 1 (unless that is 0). Nil if H is singular or fewer than four matches lie
  /// within `pixelThreshold` (the threshold by default) in image 1. With covariances (of the second point, given the
  /// first, pixels^2), the error is x1 - H x0 alone, whitened, and the threshold is meant in deviations.
  package func callAsFunction(
    _ matrix: Matrix3, points0: [SIMD2<Double>], points1: [SIMD2<Double>],
    covariances: [PointCovariance]? = nil, pixelThreshold: Double? = nil
  ) -> Refined<Matrix3>? {
    let inliers = points0.indices.filter {
      ReprojectionError.forward(matrix, points0[$0], points1[$0]) <= pixelThreshold ?? threshold
    }
    guard inliers.count >= 4, let normalization0 = HartleyNormalization(inliers.map { points0[$0] }),
      let normalization1 = HartleyNormalization(inliers.map { points1[$0] }),
      let start = TransferProblem.state(
        normalization1.matrix * matrix * normalization0.inverse)
    else { return nil }
    let problem = TransferProblem(
      points0: points0.map { normalization0($0) }, points1: points1.map { normalization1($0) },
      pixels: 1 / normalization1.scale, whitening: covariances.map { all in all.map(\.whitening) },
      loss: loss,
      // The squared error of a match is the sum over both directions, or over both axes.
      scale: threshold * 2.0.squareRoot())
    let minimum = limits.minimize(problem, from: start)
    return Refined(
      model: Homography.normalized(
        normalization1.inverse * minimum.state.matrix * normalization0.matrix),
      startCost: minimum.startCost, cost: minimum.cost, iterations: minimum.iterations)
  }
}

/// x -> scale (x - center), which puts the centroid at 0 and the RMS distance at sqrt 2.
struct HartleyNormalization {
  let center: SIMD2<Double>
  let scale: Double

  /// Nil if all points coincide.
  init?(_ points: [SIMD2<Double>]) {
    let count = Double(points.count)
    let center = points.reduce(SIMD2<Double>(), +) / count
    let square = points.reduce(0.0) { sum, point in sum + ((point - center) * (point - center)).sum() }
    let scale = (2 * count / square).squareRoot()
    guard scale.isFinite && scale > 0 else { return nil }
    self.center = center
    self.scale = scale
  }

  func callAsFunction(_ point: SIMD2<Double>) -> SIMD2<Double> { scale * (point - center) }

  /// Acts on (x, y, 1).
  var matrix: Matrix3 {
    Matrix3(SIMD3(scale, 0, -scale * center.x), SIMD3(0, scale, -scale * center.y), SIMD3(0, 0, 1))
  }

  var inverse: Matrix3 {
    Matrix3(SIMD3(1 / scale, 0, center.x), SIMD3(0, 1 / scale, center.y), SIMD3(0, 0, 1))
  }
}

struct TransferProblem: LeastSquaresProblem {
  struct Pair {
    let matrix: Matrix3
    let inverse: Matrix3
  }

  private let points0: [SIMD2<Double>]
  private let points1: [SIMD2<Double>]
  /// Pixels of image 1 per normalised unit.
  private let pixels: Double
  private let whitening: [Map2]?
  let loss: RobustLoss
  let scale: Double

  let parameterCount = 8
  let residualsPerBlock = 4
  var blockCount: Int { points0.count }

  init(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], pixels: Double, whitening: [Map2]? = nil,
    loss: RobustLoss, scale: Double
  ) {
    precondition(points0.count == points1.count, "every point needs its partner")
    self.points0 = points0
    self.points1 = points1
    self.pixels = pixels
    self.whitening = whitening
    self.loss = loss
    self.scale = scale
  }

  /// Nil if `matrix` is singular or sends the centroid to infinity.
  static func state(_ matrix: Matrix3) -> Pair? {
    let scaled = (1 / matrix[2, 2]) * matrix
    guard scaled.isFinite, let inverse = scaled.inverse else { return nil }
    return Pair(matrix: scaled, inverse: inverse)
  }

  /// Points that H or its inverse sends behind the camera or to infinity do not fit at all.
  func residuals(of match: Int, at state: Pair, into residuals: inout [Double]) {
    let (there, back) = (
      state.matrix * points0[match].homogeneous, state.inverse * points1[match].homogeneous
    )
    guard there.z > 0 && back.z > 0 else {
      for index in 0..<4 { residuals[index] = .infinity }
      return
    }
    residuals[0] = pixels * (there.x / there.z - points1[match].x)
    residuals[1] = pixels * (there.y / there.z - points1[match].y)
    if let white = whitening?[match] {
      let error = white * SIMD2(residuals[0], residuals[1])
      (residuals[0], residuals[1], residuals[2], residuals[3]) = (error.x, error.y, 0, 0)
      return
    }
    residuals[2] = pixels * (back.x / back.z - points0[match].x)
    residuals[3] = pixels * (back.y / back.z - points0[match].y)
  }

  /// d(H x0) = dH x0; d(H^-1 x1) = -H^-1 dH H^-1 x1.
  func jacobian(of match: Int, at state: Pair, into jacobian: inout [Double]) {
    let source = points0[match].homogeneous
    let there = state.matrix * source
    let back = state.inverse * points1[match].homogeneous
    let (thereX, thereY) = (there.x / there.z, there.y / there.z)
    let (backX, backY) = (back.x / back.z, back.y / back.z)
    let columns = state.inverse.transpose
    for row in 0..<3 {
      let inverseColumn = row == 0 ? columns.rows.0 : row == 1 ? columns.rows.1 : columns.rows.2
      let moveX = -pixels * (inverseColumn.x - backX * inverseColumn.z) / back.z
      let moveY = -pixels * (inverseColumn.y - backY * inverseColumn.z) / back.z
      for column in 0..<3 where 3 * row + column < 8 {
        let parameter = 3 * row + column
        let forward = pixels * source[column] / there.z
        jacobian[parameter] = row == 0 ? forward : row == 2 ? -forward * thereX : 0
        jacobian[8 + parameter] = row == 1 ? forward : row == 2 ? -forward * thereY : 0
        jacobian[16 + parameter] = moveX * back[column]
        jacobian[24 + parameter] = moveY * back[column]
      }
    }
    guard let white = whitening?[match] else { return }
    for parameter in 0..<8 {
      let column = white * SIMD2(jacobian[parameter], jacobian[8 + parameter])
      (jacobian[parameter], jacobian[8 + parameter]) = (column.x, column.y)
      (jacobian[16 + parameter], jacobian[24 + parameter]) = (0, 0)
    }
  }

  /// A step onto a singular matrix gets an inverse of zeros, which no match fits.
  func moved(_ state: Pair, by step: [Double]) -> Pair {
    let values = zip(state.matrix.rowMajor, step + [0]).map { $0 + $1 }
    let matrix = Matrix3(rowMajor: values)
    return Pair(matrix: matrix, inverse: matrix.inverse ?? 0 * matrix)
  }
}
