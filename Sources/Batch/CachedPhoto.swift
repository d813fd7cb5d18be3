// What is kept of an image between its pairs, and its bytes on disk.
//
// A file is little-endian: "match-features/1\n"; Int64: photo width and height, width and height at which the network saw
// it; Float64: photo pixels per pixel of that, in x and y; Int64: mask width and height (0 without a mask) and its words; then the coarse map and the pyramid's maps, the
// coarse one first: Int64 extents (three), Float32 elements; UInt32 CRC-32 of all before. Written and read on one
// machine, within one run or its continuation.

import Backbone
import Geometry
import Imaging
import Matching
import PairStore
import Pipeline
import Tensor

/// An image's features and mask.
struct CachedPhoto: Sendable {
  let photo: PhotoFeatures
  let mask: Mask?

  var byteCount: Int { photo.byteCount + (mask?.byteCount ?? 0) }

  /// Whether a point of the photo lies where its mask is black.
  func ignores(_ point: SIMD2<Double>) -> Bool {
    let frame = photo.frame
    return mask?.ignores(point, imageWidth: frame.photoWidth, imageHeight: frame.photoHeight) ?? false
  }

  private static let magic = Array("match-features/1\n".utf8)

  /// The file's bytes.
  var encoded: [UInt8] {
    var bytes = Self.magic
    bytes.reserveCapacity(byteCount + 4096)
    func append(_ values: Int...) {
      for value in values { withUnsafeBytes(of: Int64(value).littleEndian) { bytes += $0 } }
    }
    let features = photo.features
    let frame = photo.frame
    append(frame.photoWidth, frame.photoHeight, frame.size.width, frame.size.height)
    for factor in [frame.scaling.sx, frame.scaling.sy] { append(Int(bitPattern: UInt(factor.bitPattern))) }
    append(mask?.width ?? 0, mask?.height ?? 0)
    mask?.ignored.withUnsafeBytes { bytes += $0 }
    for tensor in [features.coarse, features.pyramid.coarse] + features.pyramid.laterals {
      append(tensor.shape.count)
      for extent in tensor.shape { append(extent) }
      tensor.withElements { bytes += UnsafeRawBufferPointer($0) }
    }
    let checksum = bytes.withUnsafeBytes { CRC32.checksum($0) }
    withUnsafeBytes(of: checksum.littleEndian) { bytes += $0 }
    return bytes
  }

  /// What a file holds of an upright photo; nil where it is torn, damaged or of another layout.
  static func decoded(_ bytes: UnsafeRawBufferPointer) -> CachedPhoto? {
    let end = bytes.count - 4
    guard end > magic.count, bytes.starts(with: magic),
      CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        == UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self))
    else { return nil }
    var position = magic.count
    func next() -> Int? {
      guard position + 8 <= end else { return nil }
      defer { position += 8 }
      return Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)))
    }
    func part(_ count: Int) -> UnsafeRawBufferPointer? {
      guard count >= 0, count <= end - position else { return nil }
      defer { position += count }
      return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }
    func tensor() -> Tensor? {
      guard let rank = next(), rank <= 4 else { return nil }
      let shape = (0..<rank).compactMap { _ in next() }
      let count = shape.reduce(1, *)
      guard shape.count == rank, let elements = part(count * 4) else { return nil }
      return Tensor(shape) { UnsafeMutableRawBufferPointer($0).copyMemory(from: elements) }
    }
    guard let photoWidth = next(), let photoHeight = next(), let width = next(), let height = next(),
      let factorX = next(), let factorY = next(), let maskWidth = next(), let maskHeight = next()
    else { return nil }
    var mask: Mask?
    if maskWidth > 0 {
      guard let words = part((maskWidth * maskHeight + 63) / 64 * 8) else { return nil }
      let ignored = stride(from: 0, to: words.count, by: 8).map {
        words.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
      }
      mask = Mask(width: maskWidth, height: maskHeight, ignored: ignored)
    }
    guard let coarse = tensor(), let pyramidCoarse = tensor() else { return nil }
    var laterals: [Tensor] = []
    while position < end {
      guard let lateral = tensor() else { return nil }
      laterals.append(lateral)
    }
    func factor(_ bits: Int) -> Double { Double(bitPattern: UInt64(UInt(bitPattern: bits))) }
    let frame = SeenFrame(
      photoWidth: photoWidth, photoHeight: photoHeight, view: .upright,
      size: NetworkSize(width: width, height: height, maxSize: 0),
      scaling: PixelScaling(sx: factor(factorX), sy: factor(factorY)))
    let features = ImageFeatures(
      height: height, width: width, pyramid: Pyramid(coarse: pyramidCoarse, laterals: laterals),
      coarse: coarse)
    return CachedPhoto(photo: PhotoFeatures(frame: frame, features: features), mask: mask)
  }
}
