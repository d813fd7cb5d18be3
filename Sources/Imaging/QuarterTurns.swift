/// A number of quarter turns counter-clockwise, as in SuperGlue's pair files: after one turn, the first row is the last
/// column of the stored picture.
package struct QuarterTurns: Hashable, Sendable {
  /// 0...3.
  package let count: Int

  package static let none = QuarterTurns(0)

  /// Any number of turns, modulo four.
  package init(_ count: Int) { self.count = ((count % 4) + 4) % 4 }

  /// Where a pixel of a stored photo of `width` x `height` ends up.
  package func turned(_ point: SIMD2<Double>, width: Int, height: Int) -> SIMD2<Double> {
    let (right, bottom) = (Double(width - 1), Double(height - 1))
    return switch count {
    case 1: SIMD2(point.y, right - point.x)
    case 2: SIMD2(right - point.x, bottom - point.y)
    case 3: SIMD2(bottom - point.y, point.x)
    default: point
    }
  }

  package func turned(_ image: GrayImage) -> GrayImage {
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

  package func turned(_ image: ColorImage) -> ColorImage {
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
