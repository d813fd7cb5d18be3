// A store of pairs as `match batch` would write it, of a scene whose cameras and points are known exactly.

import Foundation
import Geometry
import PairStore
import Testing

/// A folder that is removed with its contents when the test is over.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/match-reconstruction-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Names of all files below the folder, hidden ones too.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(path)/\($0)", isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: self(name))), as: UTF8.self)
  }
}

/// Four views of 200 points, every pair matched exactly.
struct SyntheticScene {
  static let size = StoredSize(width: 640, height: 480)
  static let camera = Camera(fx: 600, fy: 600, cx: 319.5, cy: 239.5)
  /// The third name sorts before the others, so that pairs are stored in either order.
  var names = ["photos/b.jpg", "photos/c.jpg", "photos/a.jpg", "photos/d.jpg"]
  let points: [SIMD3<Double>]

  init() {
    points = (0..<200).map { index in
      let (column, row) = (Double(index % 20) - 9.5, Double(index / 20) - 4.5)
      return SIMD3(0.3 * column, 0.35 * row, 8 + Double(index * 53 % 97) / 45)
    }
  }

  /// Where view `view` sees a point, our pixels, as precisely as a store holds it.
  func project(_ point: SIMD3<Double>, view: Int) -> SIMD2<Float> {
    // Each camera stands further right, turned back a little.
    let angle = 0.04 * Double(view)
    let (c, s) = (cos(angle), sin(angle))
    let moved = point - SIMD3(0.5 * Double(view), 0.1 * Double(view % 2), 0)
    let seen = SIMD3(c * moved.x + s * moved.z, moved.y, -s * moved.x + c * moved.z)
    return SIMD2(
      Float(600 * seen.x / seen.z + 319.5), Float(600 * seen.y / seen.z + 239.5))
  }

  /// The points of a view that lie within its picture.
  func pair(_ view0: Int, _ view1: Int, swapped: Bool = false) -> StoredPair {
    let (first, second) = swapped ? (view1, view0) : (view0, view1)
    var matches = Correspondences()
    for (index, point) in points.enumerated() {
      matches.append(
        SIMD2<Double>(project(point, view: first)), SIMD2<Double>(project(point, view: second)),
        score: Double(1 - Float(index) / 400))
    }
    return StoredPair(
      name0: names[first], name1: names[second],
      outcome: .matched(
        StoredMatches(
          sizes: Pair(Self.size, Self.size), networkSizes: Pair(Self.size, Self.size),
          correspondences: matches, geometry: .notVerified)), seconds: 0)
  }

  /// All six pairs.
  var pairs: [StoredPair] {
    (0..<4).flatMap { first in
      (first + 1..<4).map { pair(first, $0, swapped: ($0 + first) % 2 == 0) }
    }
  }

  /// Writes the pairs to a store in the folder.
  @discardableResult
  func store(
    in folder: TestFolder, pairs: [StoredPair]? = nil, pairCount: Int = 6
  ) throws -> PairStoreFolder {
    let header = PairStoreHeader(
      version: "1", model: StoredModel(name: "m", architecture: "a", sha256: "0"), options: [:],
      folder: folder("images"), pairCount: pairCount, pairDigest: "", shard: .whole)
    let path = folder("store")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var writer = try PairStoreWriter(path: "\(path)/\(Shard.whole.fileName)", header: header)
    for pair in pairs ?? self.pairs { try writer.append(pair) }
    return try PairStoreFolder(path: path)
  }
}
