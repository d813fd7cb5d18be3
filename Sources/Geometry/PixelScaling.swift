// Between the pixels of an image and of a resized copy. Pixel areas are aligned, not pixel centres: x maps to
// (x + 0.5) * s - 0.5, with a scale s per axis.

package struct PixelScaling: Equatable, Sendable {
  /// Original pixels per resized pixel, along each axis.
  package let scale: SIMD2<Double>

  package init(originalWidth: Int, originalHeight: Int, resizedWidth: Int, resizedHeight: Int) {
    precondition(
      originalWidth > 0 && originalHeight > 0 && resizedWidth > 0 && resizedHeight > 0,
      "a picture has at least one pixel")
    scale = SIMD2(
      Double(originalWidth) / Double(resizedWidth), Double(originalHeight) / Double(resizedHeight))
  }

  /// Original pixels per resized pixel.
  package init(sx: Double, sy: Double) {
    precondition(sx > 0 && sy > 0 && sx.isFinite && sy.isFinite, "factors must be positive")
    scale = SIMD2(sx, sy)
  }

  package var sx: Double { scale.x }
  package var sy: Double { scale.y }

  package func toOriginal(_ point: SIMD2<Double>) -> SIMD2<Double> { (point + 0.5) * scale - 0.5 }

  package func toResized(_ point: SIMD2<Double>) -> SIMD2<Double> { (point + 0.5) / scale - 0.5 }

  package func toOriginal(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] { points.map { toOriginal($0) } }

  package func toResized(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] { points.map { toResized($0) } }

  /// `toOriginal` as a matrix on (x, y, 1).
  package var matrix: Matrix3 {
    Matrix3(SIMD3(scale.x, 0, 0.5 * scale.x - 0.5), SIMD3(0, scale.y, 0.5 * scale.y - 0.5), SIMD3(0, 0, 1))
  }

  package func toResized(_ camera: Camera) -> Camera {
    let center = toResized(SIMD2(camera.cx, camera.cy))
    return Camera(fx: camera.fx / scale.x, fy: camera.fy / scale.y, cx: center.x, cy: center.y)
  }
}
