// Whether points span the plane: points on one line (or in one place) determine no two-view model.

import Glibc

/// Whether the points lie within `tolerance` (root mean square, pixels) of one line, or all in one place.
///
/// The distance from the best line is the root of the smaller eigenvalue of the covariance. Besides `tolerance` a
/// spread of 1e-9 of the points' extent counts as none: that is rounding.
func areCollinear(_ points: [SIMD2<Double>], tolerance: Double = 1e-3) -> Bool {
  guard points.count > 2 else { return true }
  let count = Double(points.count)
  let mean = points.reduce(SIMD2<Double>(), +) / count
  var (xx, xy, yy) = (0.0, 0.0, 0.0)
  for point in points {
    let offset = point - mean
    xx += offset.x * offset.x / count
    xy += offset.x * offset.y / count
    yy += offset.y * offset.y / count
  }
  let half = (xx + yy) / 2
  let root = (((xx - yy) / 2) * ((xx - yy) / 2) + xy * xy).squareRoot()
  // half - root cancels for thin clouds; the determinant divided by the larger eigenvalue does less.
  let larger = half + root
  guard larger > 0 else { return true }
  let smaller = max(0, (xx * yy - xy * xy) / larger)
  return smaller <= tolerance * tolerance || smaller <= 1e-18 * larger
}

/// Whether the points, or all but one of them, lie on one line.
///
/// A single point beside the line either has the largest distance from the best line, or pulls that line towards itself
/// because it lies at the far end of it.
func areCollinearButForOne(_ points: [SIMD2<Double>]) -> Bool {
  guard points.count > 3 else { return true }
  let mean = points.reduce(SIMD2<Double>(), +) / Double(points.count)
  let offsets = points.map { $0 - mean }
  let (xx, xy, yy) = offsets.reduce((0.0, 0.0, 0.0)) {
    ($0.0 + $1.x * $1.x, $0.1 + $1.x * $1.y, $0.2 + $1.y * $1.y)
  }
  let angle = atan2(2 * xy, xx - yy) / 2
  let along = SIMD2(cos(angle), sin(angle))
  let across = SIMD2(-along.y, along.x)
  let positions = offsets.map { ($0 * along).sum() }
  let distances = offsets.map { abs(($0 * across).sum()) }
  let suspects = [
    distances.indices.max { distances[$0] < distances[$1] },
    positions.indices.max { positions[$0] < positions[$1] },
    positions.indices.min { positions[$0] < positions[$1] },
  ]
  return suspects.contains { suspect in
    areCollinear(points.indices.filter { $0 != suspect }.map { points[$0] })
  }
}
