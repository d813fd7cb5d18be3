// The store of pairs: what is written comes back; a file cut anywhere is continued without loss; damage, other
// commands and second writers are refused.

import Foundation
import Geometry
import PairStore
import Testing

@Suite struct PairStoreTests {
  private func write(
    _ pairs: some Sequence<StoredPair>, to path: String, header: PairStoreHeader = Sample.header
  ) throws {
    var writer = try PairStoreWriter(path: path, header: header)
    for pair in pairs { try writer.append(pair) }
    try writer.synchronize()
  }

  @Test func roundTrip() throws {
    let folder = try TemporaryFolder()
    try write(Sample.pairs, to: folder.file("one.pairs"))
    let reader = try PairStoreReader(path: folder.file("one.pairs"))
    #expect(reader.header == Sample.header)
    #expect(try reader.pairs() == Sample.pairs)
  }

  @Test func payloadsRoundTripAndRefuseEveryTruncation() throws {
    for pair in Sample.pairs {
      let payload = PairRecord.encode(pair)
      #expect(PairRecord.decode(payload) == pair)
      for count in 0..<payload.count { #expect(PairRecord.decode(Array(payload[..<count])) == nil) }
      #expect(PairRecord.decode(payload + [0]) == nil)
    }
  }

  /// Cut at every byte of the last record and of the header: all whole records stay, and the run goes on.
  @Test func cutAnywhere() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("one.pairs")
    try write([], to: path)
    let headerEnd = try folder.bytes("one.pairs").count
    try write(Sample.pairs.dropLast(), to: path)
    let lastStart = try folder.bytes("one.pairs").count
    try write(Sample.pairs.suffix(1), to: path)
    let whole = try folder.bytes("one.pairs")
    for end in Array(0..<headerEnd) + Array(lastStart..<whole.count) {
      try folder.write(whole[..<end], to: "one.pairs")
      let kept = end < headerEnd ? 0 : Sample.pairs.count - 1
      if end >= headerEnd { #expect(try PairStoreReader(path: path).pairs() == Sample.pairs.dropLast()) }
      do {
        var writer = try PairStoreWriter(path: path, header: Sample.header)
        #expect(writer.stored.count == kept)
        #expect(writer.tornByteCount == (end < headerEnd ? end : end - lastStart))
        for pair in Sample.pairs[kept...] { try writer.append(pair) }
      }
      #expect(try folder.bytes("one.pairs") == whole, "cut at \(end)")
    }
  }

  /// A machine that stopped may leave the right length and other bytes, or zeros.
  @Test func tornWithoutBeingShorter() throws {
    let folder = try TemporaryFolder()
    try write(Sample.pairs, to: folder.file("one.pairs"))
    let whole = try folder.bytes("one.pairs")
    var changed = whole
    changed[whole.count - 3] ^= 1
    for bytes in [changed, whole + [UInt8](repeating: 0, count: 5000)] {
      try folder.write(bytes, to: "one.pairs")
      let expected = bytes.count == whole.count ? Array(Sample.pairs.dropLast()) : Sample.pairs
      #expect(try PairStoreReader(path: folder.file("one.pairs")).pairs() == expected)
      let writer = try PairStoreWriter(path: folder.file("one.pairs"), header: Sample.header)
      #expect(writer.stored.count == expected.count)
    }
  }

  @Test func damageBeforeTheEndIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("one.pairs")
    try write(Sample.pairs, to: path)
    let whole = try folder.bytes("one.pairs")
    let firstRecord = whole.count / 2
    var changed = whole
    changed[firstRecord] ^= 0x10
    try folder.write(changed, to: "one.pairs")
    #expect(throws: PairStoreError.self) { try PairStoreReader(path: path).pairs() }
    #expect(throws: PairStoreError.self) { _ = try PairStoreWriter(path: path, header: Sample.header).stored }
    #expect(try folder.bytes("one.pairs") == changed, "a damaged file is left as it is")
    changed = whole
    changed[30] ^= 1  // the header
    try folder.write(changed, to: "one.pairs")
    #expect(throws: PairStoreError.self) { try PairStoreReader(path: path) }
  }

  @Test func otherFilesAndVersions() throws {
    let folder = try TemporaryFolder()
    try folder.write("name0 name1\n".utf8, to: "text.pairs")
    try folder.write("match-pairs/2\n\0\0".utf8, to: "later.pairs")
    #expect(throws: PairStoreError.notAPairStore(path: folder.file("text.pairs"))) {
      try PairStoreReader(path: folder.file("text.pairs"))
    }
    #expect(throws: PairStoreError.unknownFormat(path: folder.file("later.pairs"), format: "match-pairs/2")) {
      try PairStoreReader(path: folder.file("later.pairs"))
    }
    #expect(throws: PairStoreError.self) { try PairStoreReader(path: folder.file("none.pairs")) }
  }

  @Test func anotherCommandIsRefusedByName() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("one.pairs")
    try write(Sample.pairs, to: path)
    var header = Sample.header
    header.options["max-size"] = "800"
    header.options["masks"] = "m"
    let expected = PairStoreError.otherRun(
      path: path, differences: ["--masks not given, not m", "--max-size 640, not 800"])
    #expect(throws: expected) { _ = try PairStoreWriter(path: path, header: header).stored }
    header = Sample.header
    header.folder = "elsewhere"
    #expect(try PairStoreWriter(path: path, header: header).stored.count == Sample.pairs.count)
  }

  @Test func oneWriterAtATime() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("one.pairs")
    let writer = try PairStoreWriter(path: path, header: Sample.header)
    #expect(throws: PairStoreError.inUse(path: path)) {
      _ = try PairStoreWriter(path: path, header: Sample.header).stored
    }
    #expect(writer.stored.isEmpty)
  }

  @Test func shardsAreReadAsOneAndLaterRecordsCount() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("b"), withIntermediateDirectories: true)
    for (index, name) in ["shard-1-of-2.pairs", "b/shard-2-of-2.pairs"].enumerated() {
      var header = Sample.header
      header.shard = Shard(index: index + 1, count: 2)
      try write(
        Sample.pairs[header.shard.range(of: Sample.pairs.count)], to: folder.file(name), header: header)
    }
    var retried = Sample.pairs[4]
    retried.outcome = .matched(Sample.matches(3, geometry: .notVerified))
    var header = Sample.header
    header.shard = Shard(index: 2, count: 2)
    try write([retried], to: folder.file("b/shard-2-of-2.pairs"), header: header)
    let stores = try PairStoreFolder(path: folder.path)
    #expect(stores.pairCount == 6)
    #expect(stores.missingPairCount == 0)
    var found: [String: StoredPair] = [:]
    var calls = 0
    try stores.forEach {
      found[$0.name0 + $0.name1] = $0
      calls += 1
    }
    #expect(found.count == 6 && calls == 6)
    #expect(found["b.jpge.jpg"] == retried)
    // Hidden files and folders are others' business.
    header.options["max-size"] = "1"
    try FileManager.default.createDirectory(atPath: folder.file(".h"), withIntermediateDirectories: true)
    for name in [".other.pairs", ".h/other.pairs"] { try write([], to: folder.file(name), header: header) }
    #expect(try PairStoreFolder(path: folder.path).stores.count == 2)
    try write([], to: folder.file("other.pairs"), header: header)
    #expect(throws: PairStoreError.self) { try PairStoreFolder(path: folder.path) }
  }

  @Test(arguments: [1, 2, 3, 7, 64]) func shardsCoverEveryPairOnce(count: Int) {
    for total in [0, 1, 6, 63, 64, 65, 1000] {
      let ranges = (1...count).map { Shard(index: $0, count: count).range(of: total) }
      #expect(ranges.flatMap(Array.init) == Array(0..<total))
      let sizes = ranges.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
  }

  /// The Python reader that ships, on every kind of pair, to the last digit.
  @Test(.enabled(if: Python.hasNumPy, "python3 (or MATCH_PYTHON) lacks NumPy")) func pythonReadsTheSame()
    throws
  {
    let folder = try TemporaryFolder()
    try write(Sample.pairs, to: folder.file("one.pairs"))
    let script = """
      import sys
      sys.path.insert(0, sys.argv[1])
      from read_pairs import read_pairs
      for p in read_pairs(sys.argv[2]):
          print(p["type"], *p["names"], p.get("part"), p.get("reason"), p["seconds"], sep="|")
          if p["type"] == "failed": continue
          print(p["sizes"], p["network_sizes"], p["quarter_turns"], p["geometry"], p.get("threshold"))
          print([] if "matrix" not in p else p["matrix"].ravel().tolist())
          for row, inlier in zip(p["matches"], p["inliers"]): print(*(float(v).hex() for v in row), int(inlier))
      """
    let text = try Python.run(["-c", script, Python.repository + "/integrations", folder.path])
    #expect(text == Sample.pairs.map(pythonText).joined())
  }

  private func pythonText(_ pair: StoredPair) -> String {
    func number(_ value: Double) -> String { "\(value)" }
    switch pair.outcome {
    case .failed(_, let reason):
      return "failed|\(pair.name0)|\(pair.name1)|image1|\(reason)|\(number(pair.seconds))\n"
    case .matched(let m):
      var (reason, kind, threshold, matrix) = ("None", "None", "None", "[]")
      switch m.geometry {
      case .notVerified: break
      case .notEstimated(let k, let why): (reason, kind) = (why, k.rawValue)
      case .estimated(let k, let values, let bound, _):
        kind = k.rawValue
        threshold = number(bound)
        matrix = "[" + values.rowMajor.map(number).joined(separator: ", ") + "]"
      }
      var text = "matched|\(pair.name0)|\(pair.name1)|None|\(reason)|\(number(pair.seconds))\n"
      func size(_ size: StoredSize) -> String { "(\(size.width), \(size.height))" }
      text += "(\(size(m.sizes.first)), \(size(m.sizes.second))) "
      text += "(\(size(m.networkSizes.first)), \(size(m.networkSizes.second))) "
      text += "\(m.quarterTurns) \(kind) \(threshold)\n\(matrix)\n"
      for index in 0..<m.count {
        let (point0, point1) = (m.correspondences.points0[index], m.correspondences.points1[index])
        let values = [point0.x, point0.y, point1.x, point1.y, m.correspondences.scores[index]]
        text += values.map { pythonHex($0) }.joined(separator: " ") + " \(m.inliers[index] ? 1 : 0)\n"
      }
      return text
    }
  }

  /// As Python's float.hex() writes it.
  private func pythonHex(_ value: Double) -> String {
    if value == 0 { return "0x0.0p+0" }
    let digits = String(value.significandBitPattern, radix: 16)
    let sign = value < 0 ? "-" : ""
    return "\(sign)0x1." + String(repeating: "0", count: 13 - digits.count) + digits
      + "p\(value.exponent < 0 ? "" : "+")\(value.exponent)"
  }
}
