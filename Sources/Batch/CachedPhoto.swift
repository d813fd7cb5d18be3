import Backbone
import Files
import Geometry
import Imaging
import Matching
import Pipeline
import Tensor

/// An image's features and mask, as cached between its pairs.
///
/// Its file is little-endian: "match-features/1\n"; Int64: photo width and height, network input width and height;
/// Float64: photo pixels per input pixel in x and y; Int64: mask width and height (0 without a mask) and its words;
/// then the coarse map and the pyramid's maps, coarse one first: Int64 rank and extents, Float32 elements; UInt32
/// CRC-32 of all before. It is written and read on one machine, within one run or its continuation.
struct CachedPhoto: Sendable {
  let photo: PhotoFeatures
  let mask: Mask?

  var byteCount: Int { photo.byteCount + (mask?.byteCount ?? 0) }

  /// Whether the mask is black at a point of the photo.
  func ignores(_ point: SIMD2<Double>) -> Bool {
    let frame = photo.frame
    return mask?.ignores(point, imageWidth: frame.photoWidth, imageHeight: frame.photoHeight) ?? false
  }

  private static let magic = Array("match-features/1\n".utf8)

  var encoded: [UInt8] {
    var writer = ByteWriter(Self.magic)
    writer.bytes.reserveCapacity(byteCount + 4096)
    let features = photo.features
    let frame = photo.frame
    for value in [frame.photoWidth, frame.photoHeight, frame.size.width, frame.size.height] {
      writer.append(value)
    }
    for factor in [frame.scaling.sx, frame.scaling.sy] { writer.append(factor.bitPattern) }
    for value in [mask?.width ?? 0, mask?.height ?? 0] { writer.append(value) }
    mask?.ignored.withUnsafeBytes { writer.bytes += $0 }
    for tensor in [features.coarse, features.pyramid.coarse] + features.pyramid.laterals {
      for value in [tensor.shape.count] + tensor.shape { writer.append(value) }
      tensor.withElements { writer.bytes += UnsafeRawBufferPointer($0) }
    }
    writer.append(CRC32.checksum(writer.bytes))
    return writer.bytes
  }

  /// Decodes an upright photo; nil if the file is damaged or has another layout.
  static func decoded(_ bytes: [UInt8]) -> CachedPhoto? {
    let end = bytes.count - 4
    guard end > magic.count, bytes.starts(with: magic) else { return nil }
    var checksum = ByteReader(bytes[end...])
    guard checksum.integer(UInt32.self) == CRC32.checksum(bytes[..<end]) else { return nil }
    var reader = ByteReader(bytes[magic.count..<end])
    func next() -> Int? { reader.integer(Int.self) }
    func tensor() -> Tensor? {
      guard let rank = next(), rank <= 4 else { return nil }
      let shape = (0..<rank).compactMap { _ in next() }
      let count = shape.reduce(1, *)
      guard shape.count == rank, let elements = reader.take(count * 4) else { return nil }
      return Tensor(shape) { target in
        elements.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
      }
    }
    guard let photoWidth = next(), let photoHeight = next(), let width = next(), let height = next(),
      let factorX = reader.double(), let factorY = reader.double(), let maskWidth = next(),
      let maskHeight = next()
    else { return nil }
    var mask: Mask?
    if maskWidth > 0 {
      let count = (maskWidth * maskHeight + 63) / 64
      guard count <= reader.remaining / 8 else { return nil }
      let ignored = (0..<count).compactMap { _ in reader.integer(UInt64.self) }
      mask = Mask(width: maskWidth, height: maskHeight, ignored: ignored)
    }
    guard let coarse = tensor(), let pyramidCoarse = tensor() else { return nil }
    var laterals: [Tensor] = []
    while !reader.isAtEnd {
      guard let lateral = tensor() else { return nil }
      laterals.append(lateral)
    }
    let frame = SeenFrame(
      photoWidth: photoWidth, photoHeight: photoHeight, view: .upright,
      size: NetworkSize(width: width, height: height, maxSize: 0),
      scaling: PixelScaling(sx: factorX, sy: factorY))
    let features = ImageFeatures(
      height: height, width: width, pyramid: Pyramid(coarse: pyramidCoarse, laterals: laterals),
      coarse: coarse)
    return CachedPhoto(photo: PhotoFeatures(frame: frame, features: features), mask: mask)
  }
}
