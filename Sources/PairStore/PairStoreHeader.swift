// The head of a pair store: with what its pairs were matched. A run is continued only where this agrees, and pairs
// of several shards belong together only where it differs in nothing but the shard.

import Files

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The model that matched the pairs.
package struct StoredModel: Codable, Equatable, Sendable {
  /// Its name.
  package var name: String
  /// Its architecture.
  package var architecture: String
  /// SHA-256 of the whole model file, lower-case hexadecimal.
  package var sha256: String

  /// A model from its values.
  package init(name: String, architecture: String, sha256: String) {
    self.name = name
    self.architecture = architecture
    self.sha256 = sha256
  }
}

/// One of several parts of a list of pairs.
package struct Shard: Codable, Equatable, Sendable {
  /// Which, from 1.
  package var index: Int
  /// Of how many.
  package var count: Int

  /// Shard `index` of `count`, from 1.
  package init(index: Int, count: Int) {
    precondition(count >= 1 && (1...count).contains(index), "shards count from 1")
    self.index = index
    self.count = count
  }

  /// The whole list.
  package static let whole = Shard(index: 1, count: 1)

  /// The items of this shard among `total`: contiguous, sizes differ by at most one, every item in one shard.
  package func range(of total: Int) -> Range<Int> { (index - 1) * total / count..<index * total / count }

  /// The name of the shard's file.
  package var fileName: String { "shard-\(index)-of-\(count)\(PairStoreHeader.fileExtension)" }
}

/// With what the pairs of a store were matched.
package struct PairStoreHeader: Codable, Equatable, Sendable {
  /// The value of `format` that this version writes.
  package static let currentFormat = "match-pairs/1"
  /// How names of stores end.
  package static let fileExtension = ".pairs"

  /// The kind and version of the file.
  package let format: String
  /// The version of the program.
  package var version: String
  /// The model.
  package var model: StoredModel
  /// Every option that has a say in the results, by its name on the command line without dashes.
  package var options: [String: String]
  /// The folder of the images, as it was given; says nothing about the results.
  package var folder: String
  /// Number of pairs of all shards together.
  package var pairCount: Int
  /// SHA-256 of the list of all shards' pairs (`name0 TAB name1 LF`, in their order), lower-case hexadecimal.
  package var pairDigest: String
  /// Which part of the pairs the file holds.
  package var shard: Shard

  /// A header of the current format.
  package init(
    version: String, model: StoredModel, options: [String: String], folder: String, pairCount: Int,
    pairDigest: String, shard: Shard
  ) {
    format = Self.currentFormat
    self.version = version
    self.model = model
    self.options = options
    self.folder = folder
    self.pairCount = pairCount
    self.pairDigest = pairDigest
    self.shard = shard
  }

  /// In what two runs differ, where results depend on it: one text each, empty where the runs belong together.
  package func differences(from other: PairStoreHeader) -> [String] {
    var differences: [String] = []
    if version != other.version { differences.append("version \(other.version), not \(version)") }
    if model.sha256 != other.model.sha256 {
      differences.append(
        "model \(other.model.name) \(other.model.sha256.prefix(12)), not "
          + "\(model.name) \(model.sha256.prefix(12))")
    }
    for name in Set(options.keys).union(other.options.keys).sorted()
    where options[name] != other.options[name] {
      let (before, now) = (other.options[name], options[name])
      differences.append("--\(name) \(before ?? "not given"), not \(now ?? "without it")")
    }
    if pairDigest != other.pairDigest {
      differences.append("other pairs: \(other.pairCount), not \(pairCount), or under other names")
    }
    return differences
  }

  /// The header as JSON, keys sorted.
  func encoded() throws(RecordError) -> [UInt8] { try RecordJSON.encode(self, indented: false) }

  /// The header of a file.
  static func decoded(_ bytes: [UInt8], path: String) throws(PairStoreError) -> PairStoreHeader {
    guard let header = try? JSONDecoder().decode(PairStoreHeader.self, from: Data(bytes)),
      header.shard.count >= 1, (1...header.shard.count).contains(header.shard.index)
    else { throw .damaged(path: path, offset: 0, reason: "the header is not of its format") }
    guard header.format == currentFormat else { throw .unknownFormat(path: path, format: header.format) }
    return header
  }
}
