import Files

/// A central directory entry (APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.5.3), with 64-bit sizes if the 32-bit ones do
/// not suffice. The member's data has not been checked.
struct ZipMember {
  /// Uncompressed content, bytes.
  static let maximumCount = 1 << 29
  private static let signature: UInt32 = 0x0201_4B50
  private static let zip64Field: UInt16 = 1
  /// Encryption, strong encryption and masked headers.
  static let encryptionFlags: UInt16 = 1 << 0 | 1 << 6 | 1 << 13
  /// Deflate's longest match is 258 bytes, coded in at least two bits.
  private static let largestRatio = 1032

  let name: String
  /// The raw name, to compare with the local header's.
  let nameBytes: [UInt8]
  let isDeflated: Bool
  let checksum: UInt32
  /// Compressed size, bytes.
  let storedCount: Int
  /// Uncompressed size, bytes.
  let count: Int
  let headerOffset: Int

  /// Reads entry `index` at the cursor.
  init(_ cursor: inout ByteReader, index: Int, source: String) throws(WeightsError) {
    let malformed = WeightsError.archive(
      source: source, member: nil, problem: .directoryMalformed(entry: index))
    guard cursor.integer(UInt32.self) == Self.signature, cursor.take(4) != nil,
      let flags = cursor.integer(UInt16.self), let method = cursor.integer(UInt16.self),
      cursor.take(4) != nil, let checksum = cursor.integer(UInt32.self),
      let stored32 = cursor.integer(UInt32.self), let count32 = cursor.integer(UInt32.self),
      let nameCount = cursor.integer(UInt16.self), let extraCount = cursor.integer(UInt16.self),
      let commentCount = cursor.integer(UInt16.self), let disk16 = cursor.integer(UInt16.self),
      cursor.take(6) != nil, let offset32 = cursor.integer(UInt32.self),
      let nameBytes = cursor.take(Int(nameCount)), let extra = cursor.take(Int(extraCount)),
      cursor.take(Int(commentCount)) != nil
    else { throw malformed }
    guard let name = String(validating: nameBytes, as: UTF8.self), !name.isEmpty, !name.utf8.contains(0)
    else { throw .archive(source: source, member: nil, problem: .nameNotText(entry: index)) }
    func problem(_ problem: ZipProblem) -> WeightsError {
      .archive(source: source, member: name, problem: problem)
    }
    guard
      let wide = WideSizes(
        count: count32, stored: stored32, offset: offset32, disk: disk16, field: Self.zip64(in: extra))
    else { throw malformed }
    guard wide.disk == 0 else { throw problem(.severalDisks) }
    guard flags & Self.encryptionFlags == 0 else { throw problem(.encrypted) }
    guard method == 0 || method == 8 else { throw problem(.method(Int(method))) }
    guard let count = Int(exactly: wide.count), let stored = Int(exactly: wide.stored),
      let offset = Int(exactly: wide.offset)
    else { throw malformed }
    guard count <= Self.maximumCount else { throw problem(.tooLarge(bytes: count, limit: Self.maximumCount)) }
    if method == 0, stored != count { throw problem(.storedSizes(stored: stored, declared: count)) }
    // Before anything of that size is allocated. The division cannot overflow, unlike the product.
    if method == 8, count / Self.largestRatio > stored {
      throw problem(.impossibleRatio(stored: stored, declared: count))
    }
    self.name = name
    self.nameBytes = Array(nameBytes)
    isDeflated = method == 8
    self.checksum = checksum
    storedCount = stored
    self.count = count
    headerOffset = offset
  }

  /// The zip64 field among the extra fields, if any.
  private static func zip64(in extra: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var cursor = ByteReader(extra)
    while let kind = cursor.integer(UInt16.self), let count = cursor.integer(UInt16.self),
      let content = cursor.take(Int(count))
    {
      if kind == zip64Field { return content }
    }
    return nil
  }
}

/// Sizes, taken from the zip64 field (in a fixed order) where 32 bits are not enough.
private struct WideSizes {
  var count, stored, offset: UInt64
  var disk: UInt32

  init?(count: UInt32, stored: UInt32, offset: UInt32, disk: UInt16, field: ArraySlice<UInt8>?) {
    var cursor = ByteReader(field ?? [])
    func wide(_ narrow: UInt32) -> UInt64? { narrow == .max ? cursor.integer(UInt64.self) : UInt64(narrow) }
    guard let count = wide(count), let stored = wide(stored), let offset = wide(offset),
      let disk = disk == .max ? cursor.integer(UInt32.self) : UInt32(disk)
    else { return nil }
    (self.count, self.stored, self.offset, self.disk) = (count, stored, offset, disk)
  }
}
