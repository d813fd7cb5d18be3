// Between the pixels of an original picture and those of a resized copy. Pixel areas are aligned, not pixel
// centres: x maps to (x + 0.5) * s - 0.5, each axis with its own s.

/// Maps pixels of a resized picture to the original and back.
package struct PixelScaling: Equatable, Sendable {
  /// Original pixels per resized pixel along each axis.
  package let scale: SIMD2<Double>

  /// The mapping between two sizes of one picture.
  package init(originalWidth: Int, originalHeight: Int, resizedWidth: Int, resizedHeight: Int) {
    precondition(
      originalWidth > 0 && originalHeight > 0 && resizedWidth > 0 && resizedHeight > 0,
      "a picture has at least one pixel")
    scale = SIMD2(
      Double(originalWidth) / Double(resizedWidth), Double(originalHeight) / Double(resizedHeight))
  }

  /// The mapping with the given factors (original pixels per resized pixel).
  package init(sx: Double, sy: Double) {
    precondition(sx > 0 && sy > 0 && sx.isFinite && sy.isFinite, "factors must be positive")
    scale = SIMD2(sx, sy)
  }

  /// Original pixels per resized pixel, horizontally.
  package var sx: Double { scale.x }
  /// Original pixels per resized pixel, vertically.
  package var sy: Double { scale.y }

  /// A point of the resized picture in the original.
  package func toOriginal(_ point: SIMD2<Double>) -> SIMD2<Double> { (point + 0.5) * scale - 0.5 }

  /// A point of the original in the resized picture.
  package func toResized(_ point: SIMD2<Double>) -> SIMD2<Double> { (point + 0.5) / scale - 0.5 }

  /// Points of the resized picture in the original.
  package func toOriginal(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] { points.map { toOriginal($0) } }

  /// Points of the original in the resized picture.
  package func toResized(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] { points.map { toResized($0) } }

  /// `toOriginal` as a matrix on (x, y, 1).
  package var matrix: Matrix3 {
    Matrix3(SIMD3(scale.x, 0, 0.5 * scale.x - 0.5), SIMD3(0, scale.y, 0.5 * scale.y - 0.5), SIMD3(0, 0, 1))
  }

  /// The camera of the resized picture, from that of the original.
  package func toResized(_ camera: Camera) -> Camera {
    let center = toResized(SIMD2(camera.cx, camera.cy))
    return Camera(fx: camera.fx / scale.x, fy: camera.fy / scale.y, cx: center.x, cy: center.y)
  }
}
