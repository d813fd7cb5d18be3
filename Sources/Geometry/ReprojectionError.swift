// Errors of matches under a homography x1 ~ H x0, in pixels.

package enum ReprojectionError {
  /// Distance from H x0 to x1 in image 1; infinite if H sends x0 to infinity.
  package static func forward(
    _ matrix: Matrix3, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> Double {
    guard let mapped = Homography.apply(matrix, to: point0) else { return .infinity }
    let offset = mapped - point1
    return (offset * offset).sum().squareRoot()
  }

  /// Root mean square of the distances in both images; infinite if H cannot be inverted.
  package static func symmetric(
    _ matrix: Matrix3, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> Double {
    guard let inverse = matrix.inverse else { return .infinity }
    let there = forward(matrix, point0, point1)
    let back = forward(inverse, point1, point0)
    return ((there * there + back * back) / 2).squareRoot()
  }
}
