import Files

/// All stores in a folder and its subfolders as one: shards merge by moving their folders together.
package struct PairStoreFolder: Sendable {
  /// In path order.
  package let stores: [PairStoreReader]
  /// The last record of each pair, which is the one that counts.
  private let places: [String: Place]

  private struct Place: Equatable {
    let store: Int
    let offset: Int
  }

  /// Opens all stores (`*.pairs`) of a folder, or a single file, and checks that they belong together.
  /// Throws `PairStoreError`.
  package init(path: String) throws {
    let files = Folder.exists(path) ? try Self.files(in: path) : [path]
    let stores = try files.compactMap { try PairStoreReader(ifWhole: $0) }
    guard let first = stores.first else { throw PairStoreError.noStores(folder: path) }
    var places: [String: Place] = [:]
    for (index, store) in stores.enumerated() {
      let differences = store.header.differences(from: first.header)
      guard differences.isEmpty else {
        throw PairStoreError.otherRun(path: first.path, differences: differences)
      }
      try store.forEachPayload { payload, offset in
        guard let summary = PairRecord.summary(payload) else { throw store.undecodable(offset) }
        places["\(summary.name0)\t\(summary.name1)"] = Place(store: index, offset: offset)
      }
    }
    self.stores = stores
    self.places = places
  }

  /// The first store's header: the others differ only in their shard.
  package var header: PairStoreHeader { stores[0].header }
  package var pairCount: Int { places.count }
  /// Number of requested pairs that no store holds yet.
  package var missingPairCount: Int { max(0, header.pairCount - places.count) }

  /// Calls `body` once per pair, in order of stores and records. Throws `PairStoreError` and what `body` throws.
  package func forEach(_ body: (StoredPair) throws -> Void) throws {
    for (index, store) in stores.enumerated() {
      try store.forEachPayload { payload, offset in
        guard let pair = PairRecord.decode(payload) else { throw store.undecodable(offset) }
        guard places["\(pair.name0)\t\(pair.name1)"] == Place(store: index, offset: offset) else { return }
        try body(pair)
      }
    }
  }

  /// The stores in a folder and its subfolders, except hidden ones.
  private static func files(in folder: String) throws(PairStoreError) -> [String] {
    let names: [String]
    do { names = try Folder.names(in: folder) } catch {
      throw .unreadable(path: folder, reason: error.reason)
    }
    var files: [String] = []
    for name in names {
      let path = Path.joined(folder, name)
      if FileStatus(path, followsLinks: false)?.isFolder == true {
        files += try Self.files(in: path)
      } else if name.hasSuffix(PairStoreHeader.fileExtension) {
        files.append(path)
      }
    }
    return files.sorted()
  }
}
