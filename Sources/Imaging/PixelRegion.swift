/// A rectangle of whole pixels.
package struct PixelRegion: Hashable, Sendable {
  package let x: Int
  package let y: Int
  package let width: Int
  package let height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    precondition(x >= 0 && y >= 0 && width > 0 && height > 0, "a region has at least one pixel")
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension GrayImage {
  /// `region` must lie within the picture.
  package func cropped(to region: PixelRegion) -> GrayImage {
    precondition(
      region.x + region.width <= width && region.y + region.height <= height, "a region inside the picture")
    func part<Value>(_ values: [Value]) -> [Value] {
      var result: [Value] = []
      result.reserveCapacity(region.width * region.height)
      for row in region.y..<region.y + region.height {
        let start = row * width + region.x
        result += values[start..<start + region.width]
      }
      return result
    }
    let pixels: GrayImage.Pixels =
      switch pixels {
      case .bits8(let values): .bits8(part(values))
      case .bits16(let values): .bits16(part(values))
      }
    return GrayImage(width: region.width, height: region.height, pixels: pixels)
  }
}
