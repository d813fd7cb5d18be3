import Files

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The model that matched the pairs.
package struct StoredModel: Codable, Equatable, Sendable {
  package var name: String
  package var architecture: String
  /// Of the whole model file, lower-case hexadecimal.
  package var sha256: String

  package init(name: String, architecture: String, sha256: String) {
    self.name = name
    self.architecture = architecture
    self.sha256 = sha256
  }
}

/// Part `index`, from 1, of `count` parts of a list of pairs.
package struct Shard: Codable, Equatable, Sendable {
  package var index: Int
  package var count: Int

  package init(index: Int, count: Int) {
    precondition(count >= 1 && (1...count).contains(index), "shards count from 1")
    self.index = index
    self.count = count
  }

  /// The whole list.
  package static let whole = Shard(index: 1, count: 1)

  /// This shard's items among `total`: contiguous, every item in one shard, shard sizes within one of each other.
  package func range(of total: Int) -> Range<Int> { (index - 1) * total / count..<index * total / count }

  package var fileName: String { "shard-\(index)-of-\(count)\(PairStoreHeader.fileExtension)" }
}

/// How the pairs of a store were matched. A run continues a store only if their headers agree; stores belong together
/// if theirs differ only in the shard.
package struct PairStoreHeader: Codable, Equatable, Sendable {
  /// The `format` that this version writes.
  package static let currentFormat = "match-pairs/1"
  package static let fileExtension = ".pairs"

  package let format: String
  /// The version of the program.
  package var version: String
  package var model: StoredModel
  /// Every option that affects the results, by its command-line name without dashes.
  package var options: [String: String]
  /// The image folder as given; does not affect the results.
  package var folder: String
  /// Pairs of all shards together.
  package var pairCount: Int
  /// SHA-256 of the list of all shards' pairs (`name0 TAB name1 LF`, in order), lower-case hexadecimal.
  package var pairDigest: String
  package var shard: Shard

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

  /// Differences that affect the results, one text each; empty if the runs belong together.
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
      differences.append("other pairs: \(other.pairCount), not \(pairCount), or with other names")
    }
    return differences
  }

  /// JSON with sorted keys.
  func encoded() throws(RecordError) -> [UInt8] { try RecordJSON.encode(self, indented: false) }

  static func decoded(_ bytes: [UInt8], path: String) throws(PairStoreError) -> PairStoreHeader {
    guard let header = try? JSONDecoder().decode(PairStoreHeader.self, from: Data(bytes)),
      header.shard.count >= 1, (1...header.shard.count).contains(header.shard.index)
    else { throw .damaged(path: path, offset: 0, reason: "the header is malformed") }
    guard header.format == currentFormat else { throw .unknownFormat(path: path, format: header.format) }
    return header
  }
}
