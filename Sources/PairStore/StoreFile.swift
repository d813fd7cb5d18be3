import Files
import Glibc

/// A store's bytes, closed when dropped. The reader leaves a torn end alone; the writer cuts it off.
///
/// Layout: "match-pairs/1\n", zeros up to 16 bytes; UInt32 length and UInt32 CRC-32 of the header, the header as JSON;
/// then records: UInt32 length and UInt32 CRC-32 of the payload, the payload (`PairRecord`).
struct StoreFile: ~Copyable {
  static let magic: [UInt8] = Array("match-pairs/1\n".utf8) + [0, 0]
  /// Length and checksum before the header and every record.
  static let prefixByteCount = 8
  private static let maximumHeaderByteCount = 1 << 24

  let path: String
  private let file: OpenFile
  private var buffer: [UInt8] = []
  private var bufferStart = 0

  init(path: String, file: consuming OpenFile) {
    self.path = path
    self.file = file
  }

  /// For system calls without a method here.
  var descriptor: Int32 { file.descriptor }

  func byteCount() throws(PairStoreError) -> Int {
    let status: FileStatus
    do { status = try file.status() } catch { throw .unreadable(path: path, reason: error.reason) }
    guard status.isRegular else { throw .notAPairStore(path: path) }
    return status.byteCount
  }

  /// Fewer than `count` bytes if the file ends before.
  mutating func bytes(at position: Int, count: Int) throws(PairStoreError) -> ArraySlice<UInt8> {
    if position < bufferStart || position + count > bufferStart + buffer.count {
      bufferStart = position
      buffer = try read(at: position, count: max(count, 1 << 20))
    }
    let start = position - bufferStart
    return buffer[start..<min(buffer.count, start + count)]
  }

  private func read(at position: Int, count: Int) throws(PairStoreError) -> [UInt8] {
    do { return try file.bytes(at: position, count: count) } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
  }

  /// Writes at the end of the file and returns the new end. A partial write is cut off again.
  func write(_ bytes: [UInt8], at end: Int) throws(PairStoreError) -> Int {
    do { try file.write(bytes, at: end) } catch {
      _ = ftruncate(descriptor, end)
      throw .cannotWrite(path: path, reason: error.reason)
    }
    return end + bytes.count
  }

  /// nil if the file ends before.
  private mutating func prefix(at position: Int) throws(PairStoreError) -> (count: Int, checksum: UInt32)? {
    var reader = ByteReader(try bytes(at: position, count: Self.prefixByteCount))
    guard let count = reader.integer(UInt32.self), let checksum = reader.integer(UInt32.self) else {
      return nil
    }
    return (Int(count), checksum)
  }

  /// The header and its end; nil if the file ends within it, as after a run killed at its start.
  mutating func header() throws(PairStoreError) -> (header: PairStoreHeader, end: Int)? {
    let magic = try bytes(at: 0, count: Self.magic.count)
    guard magic.elementsEqual(Self.magic.prefix(magic.count)) else {
      let format = String(decoding: magic.prefix { $0 > 32 && $0 < 127 }, as: UTF8.self)
      if format.hasPrefix("match-pairs/") { throw .unknownFormat(path: path, format: format) }
      throw .notAPairStore(path: path)
    }
    let start = Self.magic.count + Self.prefixByteCount
    guard let prefix = try prefix(at: Self.magic.count) else { return nil }
    guard prefix.count <= Self.maximumHeaderByteCount else {
      throw .damaged(path: path, offset: 0, reason: "the header's length is impossible")
    }
    let encoded = Array(try bytes(at: start, count: prefix.count))
    guard encoded.count == prefix.count else { return nil }
    guard CRC32.checksum(encoded) == prefix.checksum else {
      throw .damaged(path: path, offset: 0, reason: "the header's checksum is wrong")
    }
    return (try PairStoreHeader.decoded(encoded, path: path), start + prefix.count)
  }

  mutating func record(at position: Int, fileEnd: Int) throws(PairStoreError) -> RecordRead {
    if position == fileEnd { return .end }
    guard let prefix = try prefix(at: position) else { return .torn }
    let start = position + Self.prefixByteCount
    if start + prefix.count > fileEnd { return .torn }
    let payload = Array(try bytes(at: start, count: prefix.count))
    let isWhole =
      prefix.count > 0 && payload.count == prefix.count && CRC32.checksum(payload) == prefix.checksum
    if isWhole { return .payload(payload, end: start + prefix.count) }
    // After a power loss the last record may be garbage, or nothing but zeros.
    if start + prefix.count == fileEnd { return .torn }
    if prefix.count == 0, prefix.checksum == 0, try isZero(from: position, to: fileEnd) { return .torn }
    throw .damaged(path: path, offset: position, reason: "the record's checksum is wrong")
  }

  private mutating func isZero(from start: Int, to end: Int) throws(PairStoreError) -> Bool {
    var position = start
    while position < end {
      let some = try bytes(at: position, count: min(end - position, 1 << 20))
      guard !some.isEmpty, some.allSatisfy({ $0 == 0 }) else { return false }
      position += some.count
    }
    return true
  }
}

enum RecordRead {
  case payload([UInt8], end: Int)
  case end
  /// An incompletely written record.
  case torn
}
