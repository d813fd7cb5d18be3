import Geometry

/// Maps our pixels of a photo as seen (EXIF orientation applied) to COLMAP's, of the photo as stored: COLMAP ignores
/// the orientation, and its corner of the first pixel is (0, 0). Computed in corner coordinates, x + 0.5, in which a
/// mirrored x is width - x.
package struct PixelFrame: Equatable, Sendable {
  /// Columns of the stored photo.
  package let width: Int
  /// Rows of the stored photo.
  package let height: Int
  /// COLMAP's x ~ `matrix` times our x: mirroring, a quarter turn, and half a pixel.
  package let matrix: Matrix3
  /// The same for directions, and for points in the camera's axes.
  package let linear: Matrix3

  /// For a photo seen as `width` x `height`; `orientation`: EXIF tag 0x0112, values outside 1...8 count as 1.
  package init(width: Int, height: Int, orientation: Int = 1) {
    let isTurned = (5...8).contains(orientation)
    self.width = isTurned ? height : width
    self.height = isTurned ? width : height
    // Rows of the stored (X, Y) over the seen (X, Y, 1), X = x + 0.5.
    let (w, h) = (Double(width), Double(height))
    let (rowX, rowY): (SIMD3<Double>, SIMD3<Double>) =
      switch orientation {
      case 2: ([-1, 0, w], [0, 1, 0])
      case 3: ([-1, 0, w], [0, -1, h])
      case 4: ([1, 0, 0], [0, -1, h])
      case 5: ([0, 1, 0], [1, 0, 0])
      case 6: ([0, 1, 0], [-1, 0, w])
      case 7: ([0, -1, h], [-1, 0, w])
      case 8: ([0, -1, h], [1, 0, 0])
      default: ([1, 0, 0], [0, 1, 0])
      }
    linear = Matrix3(SIMD3(rowX.x, rowX.y, 0), SIMD3(rowY.x, rowY.y, 0), SIMD3(0, 0, 1))
    let corner = Matrix3(SIMD3(1, 0, 0.5), SIMD3(0, 1, 0.5), SIMD3(0, 0, 1))
    matrix = Matrix3(rowX, rowY, SIMD3(0, 0, 1)) * corner
  }

  package func callAsFunction(_ point: SIMD2<Double>) -> SIMD2<Double> {
    let mapped = matrix * SIMD3(point.x, point.y, 1)
    return SIMD2(mapped.x, mapped.y)
  }

  package func callAsFunction(_ camera: Camera) -> Camera {
    let center = self(SIMD2(camera.cx, camera.cy))
    let isTurned = linear[0, 0] == 0
    return Camera(
      fx: isTurned ? camera.fy : camera.fx, fy: isTurned ? camera.fx : camera.fy, cx: center.x, cy: center.y)
  }

  /// Whether the stored photo is a mirror image of the photo as seen.
  var isMirrored: Bool { linear.determinant < 0 }
}
