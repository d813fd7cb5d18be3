/// A colour picture: height x width x 3, row-major, in OpenCV's order blue, green, red, 8 bits per value.
package struct ColorImage: Equatable, Sendable {
  package let width: Int
  package let height: Int
  package internal(set) var pixels: [UInt8]

  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    precondition(pixels.count == width * height * 3, "three values for each pixel are needed")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  package init(width: Int, height: Int, color: Color) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for index in stride(from: 0, to: pixels.count, by: 3) {
      pixels[index] = color.blue
      pixels[index + 1] = color.green
      pixels[index + 2] = color.red
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  package subscript(x: Int, y: Int) -> Color {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "the pixel lies outside the picture")
    let index = (y * width + x) * 3
    return Color(red: pixels[index + 2], green: pixels[index + 1], blue: pixels[index])
  }

  /// The picture resized: area averaging where an axis shrinks, linear interpolation where it grows.
  package func resized(width newWidth: Int, height newHeight: Int) throws(ImagingError) -> ColorImage {
    if newWidth == width && newHeight == height { return self }
    let resized = try resizedPixels(
      pixels, width: width, height: height, channels: 3, newWidth: newWidth, newHeight: newHeight)
    return ColorImage(width: newWidth, height: newHeight, pixels: resized)
  }
}

/// A colour, 8 bits per channel.
package struct Color: Equatable, Sendable {
  package var red: UInt8
  package var green: UInt8
  package var blue: UInt8

  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
