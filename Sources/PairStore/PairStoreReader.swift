import Files

/// Reads one store: its header at once, its pairs as often as needed, one in memory at a time.
package struct PairStoreReader: Sendable {
  package let path: String
  package let header: PairStoreHeader
  /// Offset of the first record.
  private let start: Int

  package init(path: String) throws(PairStoreError) {
    guard let reader = try PairStoreReader(ifWhole: path) else {
      throw .damaged(path: path, offset: 0, reason: "the file ends within its header")
    }
    self = reader
  }

  /// nil for a file that ends within its header: no pair has been written yet.
  init?(ifWhole path: String) throws(PairStoreError) {
    var file = try Self.opened(path)
    _ = try file.byteCount()
    guard let (header, end) = try file.header() else { return nil }
    self.path = path
    self.header = header
    start = end
  }

  /// Calls `body` with every pair in stored order, ignoring a torn last record. A pair may occur twice: the later one
  /// counts. Throws `PairStoreError` and what `body` throws.
  package func forEach(_ body: (StoredPair) throws -> Void) throws {
    try forEachPayload { payload, offset in
      guard let pair = PairRecord.decode(payload) else { throw undecodable(offset) }
      try body(pair)
    }
  }

  /// All pairs, for stores that fit in memory.
  package func pairs() throws -> [StoredPair] {
    var pairs: [StoredPair] = []
    try forEach { pairs.append($0) }
    return pairs
  }

  func forEachPayload(_ body: (_ payload: [UInt8], _ offset: Int) throws -> Void) throws {
    var file = try Self.opened(path)
    let fileEnd = try file.byteCount()
    var position = start
    while case .payload(let payload, let end) = try file.record(at: position, fileEnd: fileEnd) {
      try body(payload, position)
      position = end
    }
  }

  /// For a malformed record with a valid checksum.
  func undecodable(_ offset: Int) -> PairStoreError {
    .damaged(path: path, offset: offset, reason: "the record is malformed")
  }

  private static func opened(_ path: String) throws(PairStoreError) -> StoreFile {
    let file = try OpenFile(path) { PairStoreError.unreadable(path: path, reason: $0.reason) }
    return StoreFile(path: path, file: file)
  }
}
