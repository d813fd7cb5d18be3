// A grey picture at the depth of its file: 8 bits where 8 bits were stored, so that 20000 x 20000 pixels take
// 400 MB and not 1.6 GB. Row-major, the first pixel top left.

import COpenCV

/// A grey picture, height x width, row-major, 8 or 16 bits a pixel.
package struct GrayImage: Equatable, Sendable {
  /// The pixels, row-major, as many as width x height.
  package enum Pixels: Equatable, Sendable {
    /// 0...255.
    case bits8([UInt8])
    /// 0...65535.
    case bits16([UInt16])

    /// The number of pixels.
    package var count: Int {
      switch self {
      case .bits8(let values): values.count
      case .bits16(let values): values.count
      }
    }
  }

  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Row-major pixels.
  package let pixels: Pixels

  /// A picture from its pixels; their number must be width x height.
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

  /// The picture at another size, same depth.
  ///
  /// An axis that shrinks averages areas, one that grows interpolates linearly; both map x to
  /// (x + 0.5) * s - 0.5. Throws `ImagingError.operationFailed`.
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
            Int32(clamping: newHeight),
            reason, size)
        }
      }
    }
  } catch {
    throw error.failed("resizing to \(newWidth)x\(newHeight)")
  }
  return output
}

/// The shim's description of pixels.
func imageInfo(width: Int, height: Int, channels: Int, bytes: Int) -> cocv_image_info {
  cocv_image_info(
    width: Int32(clamping: width), height: Int32(clamping: height), channels: Int32(clamping: channels),
    bytes_per_value: Int32(clamping: bytes))
}
