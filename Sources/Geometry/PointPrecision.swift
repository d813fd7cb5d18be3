// How precisely a match is known: a covariance, and whether the photos' grey values or the network vouch for it.

/// Covariance of a point, pixels^2.
package struct PointCovariance: Equatable, Sendable {
  package var xx, xy, yy: Double

  package init(xx: Double, xy: Double, yy: Double) { (self.xx, self.xy, self.yy) = (xx, xy, yy) }

  /// The same in every direction.
  package init(deviation: Double) { self.init(xx: deviation * deviation, xy: 0, yy: deviation * deviation) }

  /// M C M': the covariance of M x.
  package func carried(by map: Map2) -> PointCovariance {
    let (a, b) = (map.xx * xx + map.xy * xy, map.xx * xy + map.xy * yy)
    let (c, d) = (map.yx * xx + map.yy * xy, map.yx * xy + map.yy * yy)
    return PointCovariance(
      xx: a * map.xx + b * map.xy, xy: a * map.yx + b * map.yy, yy: c * map.yx + d * map.yy)
  }

  package var determinant: Double { xx * yy - xy * xy }

  /// Finite and positive definite.
  package var isUsable: Bool {
    xx.isFinite && xy.isFinite && yy.isFinite && xx > 0 && yy > 0 && determinant > 0
  }

  /// W with W C W' = 1: the inverse of the Cholesky factor.
  package var whitening: Map2 {
    let (a, b) = (xx.squareRoot(), xy / xx.squareRoot())
    let c = max(yy - b * b, 1e-300).squareRoot()
    return Map2(1 / a, 0, -b / (a * c), 1 / c)
  }

  /// d' C^-1 d: 2 on average if the covariance is right.
  package func squaredMahalanobis(_ d: SIMD2<Double>) -> Double {
    (yy * d.x * d.x - 2 * xy * d.x * d.y + xx * d.y * d.y) / determinant
  }
}

/// How precisely a match is known.
package struct PointPrecision: Equatable, Sendable {
  package enum Source: String, Sendable {
    /// The network's own points, with one covariance for all of them.
    case network
    /// Aligned on the photos' grey values.
    case refined
  }

  /// Of the second point, given the first, pixels^2 of the second image.
  package var covariance: PointCovariance
  package var source: Source
  /// Derivative of the second image's pixels by the first's around the match.
  package var map: Map2

  package init(covariance: PointCovariance, source: Source, map: Map2) {
    (self.covariance, self.source, self.map) = (covariance, source, map)
  }

  /// From the second image to the first; nil if the map is singular.
  package var swapped: PointPrecision? {
    map.inverse.map {
      PointPrecision(covariance: covariance.carried(by: $0), source: source, map: $0)
    }
  }
}
