// Whether points span the plane: points on one line (or in one place) determine no two-view model.

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
