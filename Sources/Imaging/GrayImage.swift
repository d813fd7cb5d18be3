import COpenCV

/// A grey picture, height x width, row-major, at the depth of its file: 20000 x 20000 pixels of 8 bits take 400 MB, as
/// floats 1.6 GB.
package struct GrayImage: Equatable, Sendable {
  package enum Pixels: Equatable, Sendable {
    case bits8([UInt8])
    case bits16([UInt16])

    package var count: Int {
      switch self {
      case .bits8(let values): values.count
      case .bits16(let values): values.count
      }
    }
  }

  package let width: Int
  package let height: Int
  package let pixels: Pixels

  package init(width: Int, height: Int, pixels: Pixels) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    precondition(pixels.count == width * height, "as many pixels as width x height are needed")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The brightness in [0, 1], row-major: 8 bits divided by 255, 16 bits by 65535.
  package func floatPixels() -> [Float] {
    switch pixels {
    case .bits8(let values): values.map { Float($0) / 255 }
    case .bits16(let values): values.map { Float($0) / 65535 }
    }
  }

  /// The picture resized, at the same depth: area averaging where an axis shrinks, linear interpolation where it grows.
  /// Both map x to (x + 0.5) * s - 0.5. Throws `ImagingError.operationFailed`.
  package func resized(width newWidth: Int, height newHeight: Int) throws(ImagingError) -> GrayImage {
    if newWidth == width && newHeight == height { return self }
    switch pixels {
    case .bits8(let values):
      let resized = try resizedPixels(
        values, width: width, height: height, channels: 1, newWidth: newWidth, newHeight: newHeight)
      return GrayImage(width: newWidth, height: newHeight, pixels: .bits8(resized))
    case .bits16(let values):
      let resized = try resizedPixels(
        values, width: width, height: height, channels: 1, newWidth: newWidth, newHeight: newHeight)
      return GrayImage(width: newWidth, height: newHeight, pixels: .bits16(resized))
    }
  }
}

/// Resizes interleaved pixels of 8 or 16 bits (`Value` is UInt8 or UInt16).
func resizedPixels<Value: FixedWidthInteger & UnsignedInteger>(
  _ values: [Value], width: Int, height: Int, channels: Int, newWidth: Int, newHeight: Int
) throws(ImagingError) -> [Value] {
  precondition(newWidth > 0 && newHeight > 0, "a picture has at least one pixel")
  let info = imageInfo(width: width, height: height, channels: channels, bytes: Value.bitWidth / 8)
  var output = [Value](repeating: 0, count: newWidth * newHeight * channels)
  do {
    try callShim { reason, size in
      values.withUnsafeBytes { source in
        output.withUnsafeMutableBytes { target in
          cocv_resize(
            source.baseAddress, info, target.baseAddress, Int32(clamping: newWidth),
            Int32(clamping: newHeight), reason, size)
        }
      }
    }
  } catch {
    throw error.failed("resizing to \(newWidth)x\(newHeight)")
  }
  return output
}

func imageInfo(width: Int, height: Int, channels: Int, bytes: Int) -> cocv_image_info {
  cocv_image_info(
    width: Int32(clamping: width), height: Int32(clamping: height), channels: Int32(clamping: channels),
    bytes_per_value: Int32(clamping: bytes))
}
