// Linear maps of the plane, the derivative of one photo's pixels with respect to the other's around a match.

/// A 2x2 matrix, row by row.
package struct Map2: Equatable, Sendable {
  package var xx, xy, yx, yy: Double

  package init(_ xx: Double, _ xy: Double, _ yx: Double, _ yy: Double) {
    (self.xx, self.xy, self.yx, self.yy) = (xx, xy, yx, yy)
  }

  package static let identity = Map2(1, 0, 0, 1)

  package var determinant: Double { xx * yy - xy * yx }

  /// Nil where the matrix is singular.
  package var inverse: Map2? {
    let determinant = determinant
    guard determinant.magnitude > 1e-12, determinant.isFinite else { return nil }
    return Map2(yy / determinant, -xy / determinant, -yx / determinant, xx / determinant)
  }

  package static func * (map: Map2, point: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(map.xx * point.x + map.xy * point.y, map.yx * point.x + map.yy * point.y)
  }

  package static func * (a: Map2, b: Map2) -> Map2 {
    Map2(
      a.xx * b.xx + a.xy * b.yx, a.xx * b.xy + a.xy * b.yy, a.yx * b.xx + a.yy * b.yx,
      a.yx * b.xy + a.yy * b.yy)
  }

  package static func * (map: Map2, factor: Double) -> Map2 {
    Map2(map.xx * factor, map.xy * factor, map.yx * factor, map.yy * factor)
  }

  /// The root of the sum of the squared differences of the elements.
  package func distance(to other: Map2) -> Double {
    let (a, b) = (SIMD4(xx, xy, yx, yy), SIMD4(other.xx, other.xy, other.yx, other.yy))
    return ((a - b) * (a - b)).sum().squareRoot()
  }

  /// Greatest and least singular value.
  package var singularValues: (greatest: Double, least: Double) {
    let (sum, determinant) = (xx * xx + xy * xy + yx * yx + yy * yy, determinant.magnitude)
    let root = max(0, sum * sum / 4 - determinant * determinant).squareRoot()
    let greatest = (sum / 2 + root).squareRoot()
    return (greatest, greatest > 0 ? determinant / greatest : 0)
  }
}
