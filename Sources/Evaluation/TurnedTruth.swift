// What quarter turns of photos do to their cameras and to the motion between them.

import Geometry
import Imaging

extension QuarterTurns {
  /// The camera of the turned photo, from that of the stored one of `width` x `height`.
  package func turned(_ camera: Camera, width: Int, height: Int) -> Camera {
    let center = turned(SIMD2(camera.cx, camera.cy), width: width, height: height)
    return count % 2 == 0
      ? Camera(fx: camera.fx, fy: camera.fy, cx: center.x, cy: center.y)
      : Camera(fx: camera.fy, fy: camera.fx, cx: center.x, cy: center.y)
  }

  /// From the axes of the stored photo's camera to those of the turned one's.
  package var rotation: Matrix3 {
    let (cosine, sine): (Double, Double) =
      switch count {
      case 1: (0, -1)
      case 2: (-1, 0)
      case 3: (0, 1)
      default: (1, 0)
      }
    return Matrix3(SIMD3(cosine, -sine, 0), SIMD3(sine, cosine, 0), SIMD3(0, 0, 1))
  }
}

extension PoseTruth {
  /// The truth of the turned photos, whose stored sizes are given.
  func turned(
    _ turns0: QuarterTurns, _ size0: (width: Int, height: Int), _ turns1: QuarterTurns,
    _ size1: (width: Int, height: Int)
  ) -> PoseTruth {
    PoseTruth(
      camera0: turns0.turned(camera0, width: size0.width, height: size0.height),
      camera1: turns1.turned(camera1, width: size1.width, height: size1.height),
      rotation: turns1.rotation * rotation * turns0.rotation.transpose,
      translation: turns1.rotation * translation)
  }
}
