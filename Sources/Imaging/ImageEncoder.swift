import CCodecs

/// Encodes pictures in memory, in the format that a file name's extension names. `AtomicFile` writes them.
package enum ImageEncoder {
  /// `quality` (1...100) applies to JPEG. Throws `cannotEncode` or `outOfMemory`.
  package static func encode(
    _ image: ColorImage, as path: String, quality: Int = 92
  ) throws(ImagingError) -> [UInt8] {
    try encode(
      image.pixels, width: image.width, height: image.height, channels: 3, path: path, quality: quality)
  }

  /// Keeps 16 bits where the format has them (PNG, TIFF).
  package static func encode(
    _ image: GrayImage, as path: String, quality: Int = 92
  ) throws(ImagingError) -> [UInt8] {
    switch image.pixels {
    case .bits8(let values):
      try encode(values, width: image.width, height: image.height, channels: 1, path: path, quality: quality)
    case .bits16(let values):
      try encode(values, width: image.width, height: image.height, channels: 1, path: path, quality: quality)
    }
  }

  /// Whether a picture can be encoded under this name; lets callers refuse before doing long work.
  package static func canEncode(as path: String) -> Bool {
    let pixel = ColorImage(width: 1, height: 1, color: Color(red: 0, green: 0, blue: 0))
    return (try? encode(pixel, as: path)) != nil
  }

  private static func encode<Value: FixedWidthInteger>(
    _ values: [Value], width: Int, height: Int, channels: Int32, path: String, quality: Int
  ) throws(ImagingError) -> [UInt8] {
    guard let fileExtension = fileExtension(of: path) else {
      throw .cannotEncode(path: path, reason: "its name has no extension")
    }
    var file = cc_bytes()
    defer { cc_bytes_free(&file) }
    do {
      try callShim { reason, size in
        values.withUnsafeBytes { values in
          // The C function only reads.
          var image = cc_image(
            width: Int32(clamping: width), height: Int32(clamping: height), channels: channels,
            bytes_per_value: Int32(Value.bitWidth / 8),
            pixels: UnsafeMutableRawPointer(mutating: values.baseAddress))
          return cc_encode(&image, fileExtension, Int32(clamping: quality), &file, reason, size)
        }
      }
    } catch {
      if error.status == CC_OUT_OF_MEMORY { throw .outOfMemory(path: path) }
      throw .cannotEncode(path: path, reason: error.reason)
    }
    return Array(UnsafeBufferPointer(start: file.data, count: file.count))
  }

  /// "png" for "folder/picture.PNG"; nil without an extension.
  private static func fileExtension(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), name.index(after: dot) < name.endIndex else { return nil }
    return name[name.index(after: dot)...].lowercased()
  }
}
