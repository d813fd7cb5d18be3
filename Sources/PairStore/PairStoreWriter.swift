import Files
import Glibc

/// Appends pairs to a store, which it locks against other processes.
///
/// A record is one write(2): a killed process leaves whole records and at most one torn one, which the next run cuts
/// off. A record that does not fit on the disk is cut off at once.
package struct PairStoreWriter: ~Copyable {
  package let path: String
  /// Whether each pair in the file at opening, `name0 TAB name1`, had failed.
  package let stored: [String: Bool]
  /// Bytes of a torn record cut off at opening.
  package let tornByteCount: Int
  private let file: StoreFile
  private var end: Int

  /// Starts a file, or continues one with the same header.
  /// Throws `PairStoreError`: `otherRun` for a different header, `inUse`, `damaged`, `cannotWrite`.
  package init(path: String, header: PairStoreHeader) throws { self = try Self.opened(path, header) }

  private init(file: consuming StoreFile, stored: [String: Bool], tornByteCount: Int, end: Int) {
    path = file.path
    self.stored = stored
    self.tornByteCount = tornByteCount
    self.end = end
    self.file = file
  }

  private static func opened(_ path: String, _ header: PairStoreHeader) throws -> PairStoreWriter {
    let opened = try OpenFile(path, O_RDWR | O_CREAT) {
      PairStoreError.cannotWrite(path: path, reason: $0.reason)
    }
    var file = StoreFile(path: path, file: opened)
    let descriptor = file.descriptor
    // A process killed a moment ago may still be freeing its memory and hold the lock.
    var tries = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      tries += 1
      guard tries < 50 else { throw PairStoreError.inUse(path: path) }
      usleep(20_000)
    }
    let fileEnd = try file.byteCount()
    var (stored, end): ([String: Bool], Int) = ([:], 0)
    if let (found, start) = try file.header() {
      try Self.check(found, against: header, path: path)
      (stored, end) = try Self.records(&file, from: start, to: fileEnd)
    }
    if end < fileEnd && ftruncate(descriptor, off_t(end)) != 0 {
      throw PairStoreError.cannotWrite(path: path, reason: SystemError().reason)
    }
    let tornByteCount = fileEnd - end
    if end == 0 { end = try file.write(StoreFile.magic + Self.prefixed(try header.encoded()), at: 0) }
    return PairStoreWriter(file: file, stored: stored, tornByteCount: tornByteCount, end: end)
  }

  /// Throws `PairStoreError.cannotWrite`, leaving the file as it was.
  package mutating func append(_ pair: StoredPair) throws(PairStoreError) {
    let payload = PairRecord.encode(pair)
    precondition(payload.count <= PairRecord.maximumByteCount, "a pair has at most 50 million matches")
    end = try file.write(Self.prefixed(payload), at: end)
  }

  /// Flushes to disk, so that everything appended survives a power loss. Throws `PairStoreError.cannotWrite`.
  package func synchronize() throws(PairStoreError) {
    if fdatasync(file.descriptor) != 0 && errno != EINVAL && errno != EROFS {
      throw .cannotWrite(path: path, reason: SystemError().reason)
    }
  }

  private static func prefixed(_ bytes: [UInt8]) -> [UInt8] {
    var record = ByteWriter()
    record.bytes.reserveCapacity(bytes.count + StoreFile.prefixByteCount)
    record.append(UInt32(bytes.count))
    record.append(CRC32.checksum(bytes))
    return record.bytes + bytes
  }

  private static func check(_ found: PairStoreHeader, against header: PairStoreHeader, path: String) throws {
    var differences = header.differences(from: found)
    if found.shard != header.shard { differences.append("shard \(found.shard.index)/\(found.shard.count)") }
    guard differences.isEmpty else { throw PairStoreError.otherRun(path: path, differences: differences) }
  }

  /// The stored pairs, whether they failed, and the end of the last whole record.
  private static func records(
    _ file: inout StoreFile, from start: Int, to fileEnd: Int
  ) throws -> (stored: [String: Bool], end: Int) {
    var stored: [String: Bool] = [:]
    var position = start
    while case .payload(let payload, let end) = try file.record(at: position, fileEnd: fileEnd) {
      guard let summary = PairRecord.summary(payload) else {
        throw PairStoreError.damaged(path: file.path, offset: position, reason: "the record is malformed")
      }
      stored["\(summary.name0)\t\(summary.name1)"] = summary.hasFailed
      position = end
    }
    return (stored, position)
  }
}
