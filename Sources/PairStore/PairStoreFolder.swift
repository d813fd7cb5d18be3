// All stores of a folder and its subfolders as one: shards merge by putting their folders together.

import Files

/// The pairs of all shards in a folder.
package struct PairStoreFolder: Sendable {
  /// The stores, by path.
  package let stores: [PairStoreReader]
  /// Where the record that counts of each pair is: store and offset.
  private let places: [String: Place]

  private struct Place: Equatable {
    let store: Int
    let offset: Int
  }

  /// Finds the stores (`*.pairs`) of a folder, or takes the one file, and checks that they belong together.
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

  /// With what the pairs were matched; the shard is the first store's.
  package var header: PairStoreHeader { stores[0].header }
  /// Number of different pairs in the stores.
  package var pairCount: Int { places.count }
  /// Number of pairs that the command asked for and that no store holds yet.
  package var missingPairCount: Int { max(0, header.pairCount - places.count) }

  /// Calls `body` once for every pair, in the order of the stores' names and of their records.
  /// Throws `PairStoreError`, and what `body` throws.
  package func forEach(_ body: (StoredPair) throws -> Void) throws {
    for (index, store) in stores.enumerated() {
      try store.forEachPayload { payload, offset in
        guard let pair = PairRecord.decode(payload) else { throw store.undecodable(offset) }
        guard places["\(pair.name0)\t\(pair.name1)"] == Place(store: index, offset: offset) else { return }
        try body(pair)
      }
    }
  }

  /// Paths of the stores in a folder and those below it, hidden ones left out.
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
