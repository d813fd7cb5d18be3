// Picture files to pixels: reads the bytes once, decodes them as grey or colour.
// EXIF orientation is honoured; 8 and 16 bits, grey, colour, alpha (dropped), palette and CMYK are read.

import COpenCV
import Files

/// A picture file in memory, to be decoded as often as needed.
package struct ImageReader: Sendable {
  /// The name that the file was read from; used in errors.
  package let path: String
  /// The whole file.
  package let bytes: [UInt8]

  /// Reads a file. Throws `missing`, `isDirectory`, `empty`, `unreadable` or `tooLarge`.
  package init(path: String) throws(ImagingError) {
    do {
      self.init(path: path, bytes: try File.read(path))
    } catch {
      switch error {
      case .missing: throw .missing(path: path)
      case .isFolder: throw .isDirectory(path: path)
      case .tooLarge: throw .tooLarge(path: path, reason: "a file of 2 GiB or more")
      case .unreadable, .cannotWrite: throw .unreadable(path: path, reason: error.reason)
      }
    }
    if bytes.isEmpty { throw .empty(path: path) }
  }

  /// A file that is in memory already; `path` only serves the errors.
  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// The picture in grey, at the depth of the file (8 or 16 bits).
  ///
  /// Throws `tooSmall` where a side has fewer than `minimumSide` pixels, and the errors of decoding.
  package func gray(minimumSide: Int = 1) throws(ImagingError) -> GrayImage {
    let image = try decode(COCV_GRAY, minimumSide: minimumSide)
    let info = image.info
    let count = Int(info.width) * Int(info.height)
    let pixels: GrayImage.Pixels =
      info.bytes_per_value == 2
      ? .bits16(image.copyPixels(count: count)) : .bits8(image.copyPixels(count: count))
    return GrayImage(width: Int(info.width), height: Int(info.height), pixels: pixels)
  }

  /// The picture in colour, 8 bits a channel. Throws as `gray` does.
  package func color(minimumSide: Int = 1) throws(ImagingError) -> ColorImage {
    let image = try decode(COCV_BGR, minimumSide: minimumSide)
    let info = image.info
    return ColorImage(
      width: Int(info.width), height: Int(info.height),
      pixels: image.copyPixels(count: Int(info.width) * Int(info.height) * 3))
  }

  private func decode(_ color: cocv_color, minimumSide: Int) throws(ImagingError) -> DecodedImage {
    guard !bytes.isEmpty else { throw .empty(path: path) }
    var handle: OpaquePointer?
    do {
      try callShim { reason, size in
        bytes.withUnsafeBufferPointer { cocv_decode($0.baseAddress, $0.count, color, &handle, reason, size) }
      }
    } catch {
      throw imagingError(error)
    }
    guard let handle else { throw .notAnImage(path: path, reason: "no pixels") }
    let image = DecodedImage(handle: handle)
    let info = image.info
    guard min(info.width, info.height) >= minimumSide else {
      throw .tooSmall(path: path, width: Int(info.width), height: Int(info.height), minimum: minimumSide)
    }
    return image
  }

  private func imagingError(_ failure: ShimFailure) -> ImagingError {
    switch failure.status {
    case COCV_TRUNCATED: .truncated(path: path, reason: failure.reason)
    case COCV_UNSUPPORTED: .unsupported(path: path, reason: failure.reason)
    case COCV_TOO_LARGE: .tooLarge(path: path, reason: failure.reason)
    case COCV_OUT_OF_MEMORY: .outOfMemory(path: path)
    case COCV_NO_CODECS: .codecsMissing(reason: failure.reason)
    default: .notAnImage(path: path, reason: failure.reason)
    }
  }
}

/// Owns the shim's pixels; the compiler frees them once.
private struct DecodedImage: ~Copyable {
  let handle: OpaquePointer

  init(handle: OpaquePointer) { self.handle = handle }

  deinit { cocv_image_free(handle) }

  var info: cocv_image_info { cocv_image_get_info(handle) }

  /// The first `count` values; `count` and `Value` must fit what `info` says.
  func copyPixels<Value: FixedWidthInteger>(count: Int) -> [Value] {
    precondition(Int(info.bytes_per_value) * 8 == Value.bitWidth, "the depth of the pixels differs")
    precondition(Int(info.width) * Int(info.height) * Int(info.channels) == count, "the pixel count differs")
    guard let start = cocv_image_pixels(handle) else { return [] }
    return Array(UnsafeBufferPointer(start: start.assumingMemoryBound(to: Value.self), count: count))
  }
}
