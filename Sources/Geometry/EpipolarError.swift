// Errors of matches under an epipolar geometry x1' F x0 = 0, in pixels (F) or units of the plane Z = 1 (E).
// Hartley and Zisserman, Multiple View Geometry, 2nd edition, 11.4.3 (Sampson) and 11.4.1 (symmetric distance).

package enum EpipolarError {
  /// The Sampson error: to first order, how far both points must move together to fit F exactly. Not finite if both
  /// epipolar lines are undefined.
  package static func sampson(
    _ matrix: Matrix3, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> Double {
    let (product, line0, line1) = parts(matrix, point0, point1)
    let slope = line1.x * line1.x + line1.y * line1.y + line0.x * line0.x + line0.y * line0.y
    return abs(product) / slope.squareRoot()
  }

  /// Root mean square of the distances of both points from their partner's epipolar line.
  package static func symmetricDistance(
    _ matrix: Matrix3, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> Double {
    let (product, line0, line1) = parts(matrix, point0, point1)
    let inverse0 = 1 / (line0.x * line0.x + line0.y * line0.y)
    let inverse1 = 1 / (line1.x * line1.x + line1.y * line1.y)
    return abs(product) * ((inverse0 + inverse1) / 2).squareRoot()
  }

  /// x1' F x0, and the epipolar lines in image 0 (F' x1) and image 1 (F x0).
  private static func parts(
    _ matrix: Matrix3, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> (product: Double, line0: SIMD3<Double>, line1: SIMD3<Double>) {
    let line1 = matrix * point0.homogeneous
    let line0 = matrix.transpose * point1.homogeneous
    return (dot(point1.homogeneous, line1), line0, line1)
  }
}
