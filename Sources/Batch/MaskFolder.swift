import Files
import Imaging

/// Which pixels of an image are ignored; may differ from the image in size.
struct Mask: Equatable, Sendable {
  let width: Int
  let height: Int
  /// One bit per pixel, row-major, lowest bit first; set where the mask is black.
  let ignored: [UInt64]

  init(width: Int, height: Int, ignored: [UInt64]) {
    precondition(ignored.count == (width * height + 63) / 64, "a mask has one bit per pixel")
    self.width = width
    self.height = height
    self.ignored = ignored
  }

  /// Black, and only black, is ignored, as in COLMAP.
  init(_ image: GrayImage) {
    width = image.width
    height = image.height
    switch image.pixels {
    case .bits8(let values): ignored = Self.packed(values)
    case .bits16(let values): ignored = Self.packed(values)
    }
  }

  private static func packed<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (values.count + 63) / 64)
    for (index, value) in values.enumerated() where value == 0 {
      words[index / 64] |= 1 << UInt64(index % 64)
    }
    return words
  }

  /// Whether the mask is black at a point of the image.
  func ignores(_ point: SIMD2<Double>, imageWidth: Int, imageHeight: Int) -> Bool {
    let x = Int(((point.x + 0.5) * Double(width) / Double(imageWidth)).rounded(.down))
    let y = Int(((point.y + 0.5) * Double(height) / Double(imageHeight)).rounded(.down))
    let index = min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)
    return ignored[index / 64] >> UInt64(index % 64) & 1 == 1
  }

  var byteCount: Int { ignored.count * 8 }
}

/// A folder of masks: pictures that are black where an image is to be ignored. Named as in COLMAP, `a.jpg.png` for
/// `a.jpg`, or like the image with any supported extension. An image without a mask is used as a whole.
package struct MaskFolder: Sendable {
  /// The folder as given.
  package let path: String

  /// - Throws: `BatchError.folderUnreadable`.
  package init(path: String) throws(BatchError) {
    guard let status = FileStatus(path) else {
      throw .folderUnreadable(path: path, reason: SystemError().reason)
    }
    guard status.isFolder else { throw .folderUnreadable(path: path, reason: "not a folder") }
    self.path = path
  }

  /// nil if the image has no mask.
  func file(for name: String) -> String? {
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    let names = [name + ".png", name] + ImageFolder.endings.map { "\(stem).\($0)" }
    return names.map { Path.joined(path, $0) }.first { File.exists($0) }
  }

  /// nil if the image has no mask.
  func mask(for name: String) throws(ImagingError) -> Mask? {
    guard let file = file(for: name) else { return nil }
    return Mask(try ImageReader(path: file).gray())
  }
}
