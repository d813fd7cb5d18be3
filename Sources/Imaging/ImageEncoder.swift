// Pixels to picture files in memory. Writing them is AtomicFile's part, in Files.

import COpenCV

/// Encodes pictures by the extension of a file's name.
package enum ImageEncoder {
  /// A colour picture as a file: PNG, JPEG, ... by the extension of `path`, which is not written.
  ///
  /// `quality` (1...100) is for JPEG and WebP. Throws `cannotEncode` or `outOfMemory`.
  package static func encode(
    _ image: ColorImage, as path: String, quality: Int = 92
  ) throws(ImagingError) -> [UInt8] {
    let info = imageInfo(width: image.width, height: image.height, channels: 3, bytes: 1)
    return try encode(image.pixels, info: info, path: path, quality: quality)
  }

  /// A grey picture as a file; 16 bits where the format has them (PNG, TIFF).
  package static func encode(
    _ image: GrayImage, as path: String, quality: Int = 92
  ) throws(ImagingError) -> [UInt8] {
    switch image.pixels {
    case .bits8(let values):
      let info = imageInfo(width: image.width, height: image.height, channels: 1, bytes: 1)
      return try encode(values, info: info, path: path, quality: quality)
    case .bits16(let values):
      let info = imageInfo(width: image.width, height: image.height, channels: 1, bytes: 2)
      return try encode(values, info: info, path: path, quality: quality)
    }
  }

  /// Whether a picture can be encoded under this name; lets a caller refuse before long work.
  package static func canEncode(as path: String) -> Bool {
    do {
      _ = try encode(ColorImage(width: 1, height: 1, color: Color(red: 0, green: 0, blue: 0)), as: path)
      return true
    } catch {
      // Without the library no name is at fault.
      if case .codecsMissing = error { return true }
      return false
    }
  }

  private static func encode<Value: FixedWidthInteger>(
    _ values: [Value], info: cocv_image_info, path: String, quality: Int
  ) throws(ImagingError) -> [UInt8] {
    guard let fileExtension = fileExtension(of: path) else {
      throw .cannotEncode(path: path, reason: "its name has no extension")
    }
    var handle: OpaquePointer?
    do {
      try callShim { reason, size in
        values.withUnsafeBytes {
          cocv_encode(
            $0.baseAddress, info, fileExtension, Int32(clamping: quality), &handle, reason, size)
        }
      }
    } catch {
      if error.status == COCV_OUT_OF_MEMORY { throw .outOfMemory(path: path) }
      if error.status == COCV_NO_CODECS { throw .codecsMissing(reason: error.reason) }
      throw .cannotEncode(path: path, reason: error.reason)
    }
    defer { cocv_bytes_free(handle) }
    guard let handle, let start = cocv_bytes_data(handle) else {
      throw .cannotEncode(path: path, reason: "no bytes")
    }
    return Array(UnsafeBufferPointer(start: start, count: cocv_bytes_count(handle)))
  }

  /// ".png" of "folder/picture.png"; nil without one.
  private static func fileExtension(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), name.index(after: dot) < name.endIndex else { return nil }
    return name[dot...].lowercased()
  }
}
