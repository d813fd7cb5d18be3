// Reading one store: its header at once, its pairs as often as wanted, one in memory at a time.

import Files

/// A file of pairs.
package struct PairStoreReader: Sendable {
  /// The file.
  package let path: String
  /// With what the pairs were matched.
  package let header: PairStoreHeader
  /// Where the records start.
  private let start: Int

  /// Opens a file and reads its header.
  package init(path: String) throws(PairStoreError) {
    guard let reader = try PairStoreReader(ifWhole: path) else {
      throw .damaged(path: path, offset: 0, reason: "the file ends within its header")
    }
    self = reader
  }

  /// As above; nil for a file that ends within its header, to which no pair was written yet.
  init?(ifWhole path: String) throws(PairStoreError) {
    var file = try Self.opened(path)
    _ = try file.byteCount()
    guard let (header, end) = try file.header() else { return nil }
    self.path = path
    self.header = header
    start = end
  }

  /// Calls `body` with every pair in the order in which they were stored; a record that was not written to its end
  /// is left out. A pair may come twice: the later one counts. Throws `PairStoreError`, and what `body` throws.
  package func forEach(_ body: (StoredPair) throws -> Void) throws {
    try forEachPayload { payload, offset in
      guard let pair = PairRecord.decode(payload) else { throw undecodable(offset) }
      try body(pair)
    }
  }

  /// All pairs; for stores that fit into memory.
  package func pairs() throws -> [StoredPair] {
    var pairs: [StoredPair] = []
    try forEach { pairs.append($0) }
    return pairs
  }

  /// Calls `body` with every payload and where its record starts.
  func forEachPayload(_ body: (_ payload: [UInt8], _ offset: Int) throws -> Void) throws {
    var file = try Self.opened(path)
    let fileEnd = try file.byteCount()
    var position = start
    while case .payload(let payload, let end) = try file.record(at: position, fileEnd: fileEnd) {
      try body(payload, position)
      position = end
    }
  }

  /// The error of a record whose checksum is right and whose content is not.
  func undecodable(_ offset: Int) -> PairStoreError {
    .damaged(path: path, offset: offset, reason: "the record is not of its format")
  }

  private static func opened(_ path: String) throws(PairStoreError) -> StoreFile {
    let file = try OpenFile(path) { PairStoreError.unreadable(path: path, reason: $0.reason) }
    return StoreFile(path: path, file: file)
  }
}
