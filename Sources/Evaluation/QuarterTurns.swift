// Photos that a pair file says are to be turned before matching, and what that does to pixels, cameras and motion
// (the rotation fields of SuperGlue's pair files). One turn is 90 degrees counter-clockwise: the first row of the
// turned photo is the last column of the stored one.

import Geometry
import Imaging

/// A number of quarter turns counter-clockwise.
public struct QuarterTurns: Equatable, Sendable {
  /// 0...3.
  public let count: Int

  /// The photo as stored.
  public static let none = QuarterTurns(0)

  /// Any number of turns; four are none.
  public init(_ count: Int) { self.count = ((count % 4) + 4) % 4 }

  /// Where a pixel of a stored photo of `width` x `height` goes.
  public func turned(_ point: SIMD2<Double>, width: Int, height: Int) -> SIMD2<Double> {
    let (right, bottom) = (Double(width - 1), Double(height - 1))
    return switch count {
    case 1: SIMD2(point.y, right - point.x)
    case 2: SIMD2(right - point.x, bottom - point.y)
    case 3: SIMD2(bottom - point.y, point.x)
    default: point
    }
  }

  /// The camera of the turned photo, from that of the stored one of `width` x `height`.
  public func turned(_ camera: Camera, width: Int, height: Int) -> Camera {
    let center = turned(SIMD2(camera.cx, camera.cy), width: width, height: height)
    return count % 2 == 0
      ? Camera(fx: camera.fx, fy: camera.fy, cx: center.x, cy: center.y)
      : Camera(fx: camera.fy, fy: camera.fx, cx: center.x, cy: center.y)
  }

  /// From the axes of the stored photo's camera to those of the turned one's.
  public var rotation: Matrix3 {
    let (cosine, sine): (Double, Double) =
      switch count {
      case 1: (0, -1)
      case 2: (-1, 0)
      case 3: (0, 1)
      default: (1, 0)
      }
    return Matrix3(SIMD3(cosine, -sine, 0), SIMD3(sine, cosine, 0), SIMD3(0, 0, 1))
  }

  /// The turned photo.
  public func turned(_ image: GrayImage) -> GrayImage {
    if count == 0 { return image }
    let pixels: GrayImage.Pixels =
      switch image.pixels {
      case .bits8(let values): .bits8(turned(values, width: image.width, height: image.height, channels: 1))
      case .bits16(let values): .bits16(turned(values, width: image.width, height: image.height, channels: 1))
      }
    return GrayImage(
      width: turnedWidth(image.width, image.height), height: turnedWidth(image.height, image.width),
      pixels: pixels)
  }

  /// The turned photo.
  public func turned(_ image: ColorImage) -> ColorImage {
    if count == 0 { return image }
    return ColorImage(
      width: turnedWidth(image.width, image.height), height: turnedWidth(image.height, image.width),
      pixels: turned(image.pixels, width: image.width, height: image.height, channels: 3))
  }

  private func turnedWidth(_ width: Int, _ height: Int) -> Int { count % 2 == 0 ? width : height }

  private func turned<Value>(_ values: [Value], width: Int, height: Int, channels: Int) -> [Value] {
    let (newWidth, newHeight) = (turnedWidth(width, height), turnedWidth(height, width))
    var result: [Value] = []
    result.reserveCapacity(values.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let (oldX, oldY) =
          switch count {
          case 1: (width - 1 - y, x)
          case 2: (width - 1 - x, height - 1 - y)
          default: (y, height - 1 - x)
          }
        let start = (oldY * width + oldX) * channels
        result += values[start..<start + channels]
      }
    }
    return result
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
