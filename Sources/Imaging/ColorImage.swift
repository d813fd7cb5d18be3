// A colour picture of 8 bits for drawing: height x width x 3, row-major, in OpenCV's order blue, green, red.

/// A colour picture, height x width x 3 (blue, green, red), row-major, 8 bits a value.
package struct ColorImage: Equatable, Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Blue, green, red of each pixel, row-major.
  package internal(set) var pixels: [UInt8]

  /// A picture from its values; their number must be width x height x 3.
  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    precondition(pixels.count == width * height * 3, "three values for each pixel are needed")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour.
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

  /// The colour of the pixel in column x, row y.
  package subscript(x: Int, y: Int) -> Color {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "the pixel lies outside the picture")
    let index = (y * width + x) * 3
    return Color(red: pixels[index + 2], green: pixels[index + 1], blue: pixels[index])
  }

  /// The picture at another size: areas averaged where an axis shrinks, linear where it grows.
  package func resized(width newWidth: Int, height newHeight: Int) throws(ImagingError) -> ColorImage {
    if newWidth == width && newHeight == height { return self }
    let resized = try resizedPixels(
      pixels, width: width, height: height, channels: 3, newWidth: newWidth, newHeight: newHeight)
    return ColorImage(width: newWidth, height: newHeight, pixels: resized)
  }
}

/// A colour of 8 bits a channel.
package struct Color: Equatable, Sendable {
  /// Red, 0...255.
  package var red: UInt8
  /// Green, 0...255.
  package var green: UInt8
  /// Blue, 0...255.
  package var blue: UInt8

  /// A colour from its channels.
  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
