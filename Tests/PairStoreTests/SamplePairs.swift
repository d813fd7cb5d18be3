// Pairs of every kind, for the tests: matched with and without geometry, without matches, failed.

import Foundation
import Geometry
import PairStore

/// A folder that goes with the value.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/match-pairs-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }
}

enum Sample {
  static let header = PairStoreHeader(
    version: "1",
    model: StoredModel(name: "m", architecture: "compact", sha256: String(repeating: "a", count: 64)),
    options: ["max-size": "640", "pairs": "exhaustive"], folder: "photos", pairCount: 6,
    pairDigest: String(repeating: "b", count: 64), shard: .whole)

  static let matrix = Matrix3(rowMajor: [1, 2, 3, 4, 5, 6, 7, 8, -9.5])

  static func matches(_ count: Int, geometry: StoredGeometry, turns: Int = 0) -> StoredMatches {
    // As a record keeps them: in single precision.
    let points = (0..<count).map { SIMD2<Double>(SIMD2(Float($0) * 1.37, 100.03 - Float($0))) }
    return StoredMatches(
      sizes: Pair(StoredSize(width: 800, height: 600), StoredSize(width: 640, height: 480)),
      networkSizes: Pair(StoredSize(width: 640, height: 480), StoredSize(width: 320, height: 240)),
      quarterTurns: turns,
      correspondences: Correspondences(
        points0: points, points1: points.map { $0 * 0.5 },
        scores: (0..<count).map { Double(0.9 / Float($0 + 1)) }),
      geometry: geometry)
  }

  static let pairs: [StoredPair] = [
    StoredPair(
      name0: "a.jpg", name1: "b.jpg",
      outcome: .matched(
        matches(
          11,
          geometry: .estimated(
            .fundamental, matrix, threshold: 1.875, inliers: (0..<11).map { $0 % 3 == 0 }))), seconds: 0.25),
    StoredPair(
      name0: "a.jpg", name1: "sub/cé.png",
      outcome: .matched(
        matches(
          8, geometry: .estimated(.homography, matrix, threshold: 3, inliers: (0..<8).map { $0 > 5 }),
          turns: 3)),
      seconds: 1),
    StoredPair(
      name0: "b.jpg", name1: "sub/cé.png",
      outcome: .matched(
        matches(0, geometry: .notEstimated(.fundamental, reason: "0 matches, at least 8 are needed"))),
      seconds: 0.1),
    StoredPair(
      name0: "b.jpg", name1: "d.jpg", outcome: .matched(matches(2, geometry: .notVerified)), seconds: 0),
    StoredPair(
      name0: "b.jpg", name1: "e.jpg", outcome: .failed(.image1, reason: "e.jpg: the file is empty"),
      seconds: 0),
    StoredPair(
      name0: "d.jpg", name1: "f.jpg",
      outcome: .matched(
        matches(9, geometry: .estimated(.essential, matrix, threshold: 2, inliers: (0..<9).map { $0 == 8 }))),
      seconds: 0.5),
  ]
}
