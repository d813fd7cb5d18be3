import CCodecs
import Files

/// A picture file in memory, decoded on demand as grey or colour. EXIF orientation is applied, alpha dropped; palette
/// and CMYK are converted.
package struct ImageReader: Sendable {
  /// The file's name; used in errors.
  package let path: String
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

  /// `path` is used only in errors.
  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// The picture in grey, at the depth of the file. Throws `tooSmall` if a side is below `minimumSide` pixels, and
  /// decoding errors.
  package func gray(minimumSide: Int = 1) throws(ImagingError) -> GrayImage {
    let image = try decode(CC_GRAY, minimumSide: minimumSide)
    return GrayImage(
      width: image.width, height: image.height,
      pixels: image.isDeep ? .bits16(image.values()) : .bits8(image.values()))
  }

  /// The picture in colour, 8 bits per channel. Throws as `gray` does.
  package func color(minimumSide: Int = 1) throws(ImagingError) -> ColorImage {
    let image = try decode(CC_BGR, minimumSide: minimumSide)
    return ColorImage(width: image.width, height: image.height, pixels: image.values())
  }

  private func decode(_ color: cc_color, minimumSide: Int) throws(ImagingError) -> DecodedImage {
    guard !bytes.isEmpty else { throw .empty(path: path) }
    var decoded = cc_image()
    do {
      try callShim { reason, size in
        bytes.withUnsafeBufferPointer { cc_decode($0.baseAddress, $0.count, color, &decoded, reason, size) }
      }
    } catch {
      throw imagingError(error)
    }
    let image = DecodedImage(decoded)
    guard min(image.width, image.height) >= minimumSide else {
      throw .tooSmall(path: path, width: image.width, height: image.height, minimum: minimumSide)
    }
    return image
  }

  private func imagingError(_ failure: ShimFailure<cc_status>) -> ImagingError {
    switch failure.status {
    case CC_TRUNCATED: .truncated(path: path, reason: failure.reason)
    case CC_UNSUPPORTED: .unsupported(path: path, reason: failure.reason)
    case CC_TOO_LARGE: .tooLarge(path: path, reason: failure.reason)
    case CC_OUT_OF_MEMORY: .outOfMemory(path: path)
    default: .notAnImage(path: path, reason: failure.reason)
    }
  }
}

/// Owns the decoder's pixels.
private struct DecodedImage: ~Copyable {
  private let image: cc_image

  init(_ image: cc_image) { self.image = image }

  deinit {
    var image = image
    cc_image_free(&image)
  }

  var width: Int { Int(image.width) }
  var height: Int { Int(image.height) }
  var isDeep: Bool { image.bytes_per_value == 2 }

  /// A copy of all values; `Value` must have their bit depth.
  func values<Value: FixedWidthInteger>() -> [Value] {
    precondition(Int(image.bytes_per_value) * 8 == Value.bitWidth, "the depth of the pixels differs")
    guard let pixels = image.pixels else { return [] }
    let start = pixels.assumingMemoryBound(to: Value.self)
    return Array(UnsafeBufferPointer(start: start, count: width * height * Int(image.channels)))
  }
}
