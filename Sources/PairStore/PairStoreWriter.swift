// Appending to a store. A record is one write(2): a process that is killed leaves whole records and at most one torn
// one, which the next run cuts off. What the system refuses to take (a full disk) is cut off at once.

import Files
import Glibc

/// An open store to which pairs are appended; no other process can open it meanwhile.
package struct PairStoreWriter: ~Copyable {
  /// The file.
  package let path: String
  /// Names of the pairs that the file held when it was opened, `name0 TAB name1`; of these, whether they failed.
  package let stored: [String: Bool]
  /// Bytes of a torn record that were cut off when the file was opened.
  package let tornByteCount: Int
  private let file: StoreFile
  private var end: Int

  /// Starts a file, or continues one of the same header.
  /// Throws `PairStoreError`: `otherRun` for a file of another header, `inUse`, `damaged`, `cannotWrite`.
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
    // A process that was killed a moment ago may still be giving back its memory.
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

  /// Appends a pair. Throws `PairStoreError.cannotWrite`; then the file is as it was before.
  package mutating func append(_ pair: StoredPair) throws(PairStoreError) {
    let payload = PairRecord.encode(pair)
    precondition(payload.count <= PairRecord.maximumByteCount, "a pair has at most 50 million matches")
    end = try file.write(Self.prefixed(payload), at: end)
  }

  /// Waits until everything appended has reached the disk, where it also survives a loss of power.
  /// Throws `PairStoreError.cannotWrite`.
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

  /// Names of the pairs that a file holds, whether they failed, and where the whole records end.
  private static func records(
    _ file: inout StoreFile, from start: Int, to fileEnd: Int
  ) throws -> (stored: [String: Bool], end: Int) {
    var stored: [String: Bool] = [:]
    var position = start
    while case .payload(let payload, let end) = try file.record(at: position, fileEnd: fileEnd) {
      guard let summary = PairRecord.summary(payload) else {
        throw PairStoreError.damaged(
          path: file.path, offset: position, reason: "the record is not of its format")
      }
      stored["\(summary.name0)\t\(summary.name1)"] = summary.hasFailed
      position = end
    }
    return (stored, position)
  }
}
