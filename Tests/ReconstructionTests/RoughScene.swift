// A store of pairs with all that real ones have: noise, wrong matches, scores and an order of their own in every pair,
// pairs of few matches, photos larger than the network sees them, and more pairs than are verified at once.

import Foundation
import Geometry
import PairStore
import TestSupport
import Testing

/// Twelve views of 160 points, all 66 pairs. View 10 sees 24 of the points, view 11 sees 10: too few for any geometry.
struct RoughScene {
  static let size = StoredSize(width: 1200, height: 800)
  static let networkSize = StoredSize(width: 600, height: 400)
  /// Not square, off the centre.
  static let camera = Camera(fx: 1000, fy: 1100, cx: 590, cy: 410)
  static let viewCount = 12
  static let degenerateView = 11
  static let pointCount = 160
  /// Wrong matches of each pair that has many: points of the scene taken for each other.
  static let wrongCount = 6

  let names: [String]
  /// Where each view sees each point, without noise; nil where it does not.
  let seen: [[SIMD2<Double>?]]
  let pairs: [StoredPair]

  /// Points in space, or of one plane.
  init(isPlane: Bool = false) {
    var random = SeededGenerator(1)
    // Names sort in another order than views are made.
    let names = (0..<Self.viewCount).map { "\($0 % 3 == 0 ? "sub" : "top")/view\(100 - $0).jpg" }
    var points: [SIMD3<Double>] = []
    while points.count < Self.pointCount {
      let point = SIMD3(random.uniform(-3...3), random.uniform(-2...2), isPlane ? 8 : random.uniform(6...10))
      // Nowhere two points so near to each other that they might be merged.
      let isApart = points.allSatisfy { other in
        (0..<Self.viewCount).allSatisfy { view in
          let offset = Self.project(point, view: view) - Self.project(other, view: view)
          return (offset * offset).sum() > 64
        }
      }
      if isApart { points.append(point) }
    }
    let seen = (0..<Self.viewCount).map { view in
      let count = view == Self.degenerateView ? 10 : view == 10 ? 24 : Self.pointCount
      return points.indices.map { $0 < count ? Self.project(points[$0], view: view) : nil }
    }
    (self.names, self.seen) = (names, seen)
    var pairs: [StoredPair] = []
    for first in 0..<Self.viewCount {
      for second in first + 1..<Self.viewCount {
        let (view0, view1) = (first + second) % 2 == 0 ? (first, second) : (second, first)
        pairs.append(Self.pair(names, seen, view0, view1, &random))
      }
    }
    self.pairs = pairs
  }

  private static func project(_ point: SIMD3<Double>, view: Int) -> SIMD2<Double> {
    let angle = 0.02 * Double(view)
    let (c, s) = (cos(angle), sin(angle))
    let moved = point - SIMD3(0.3 * Double(view), 0.2 * Double(view % 3), 0)
    let turned = SIMD3(c * moved.x + s * moved.z, moved.y, -s * moved.x + c * moved.z)
    return SIMD2(
      camera.fx * turned.x / turned.z + camera.cx, camera.fy * turned.y / turned.z + camera.cy)
  }

  private static func pair(
    _ names: [String], _ seen: [[SIMD2<Double>?]], _ view0: Int, _ view1: Int, _ random: inout SeededGenerator
  ) -> StoredPair {
    var common = seen[view0].indices.filter { seen[view0][$0] != nil && seen[view1][$0] != nil }
    common.shuffle(using: &random)
    // The first few go to the next one's point: a cycle of wrong matches.
    let wrong = common.count > 100 ? wrongCount : 0
    var matches: [(point0: SIMD2<Float>, point1: SIMD2<Float>, score: Float, isRight: Bool)] = []
    for (place, point) in common.enumerated() {
      let other = place < wrong ? common[(place + 1) % wrong] : point
      guard let end0 = seen[view0][point], let end1 = seen[view1][other] else { continue }
      var noisy: SIMD2<Double> { SIMD2(random.normal(), random.normal()) * 0.15 }
      matches.append(
        (
          SIMD2<Float>(end0 + noisy), SIMD2<Float>(end1 + noisy), Float(random.uniform(0.3...1)),
          place >= wrong
        ))
    }
    matches.sort { $0.score > $1.score }
    return StoredPair(
      name0: names[view0], name1: names[view1],
      outcome: .matched(
        StoredMatches(
          sizes: Pair(size, size), networkSizes: Pair(networkSize, networkSize),
          correspondences: Correspondences(
            points0: matches.map { SIMD2<Double>($0.point0) },
            points1: matches.map { SIMD2<Double>($0.point1) }, scores: matches.map { Double($0.score) }),
          geometry: .estimated(
            .fundamental, Matrix3(rowMajor: [Double](repeating: 0, count: 9)), threshold: 3,
            inliers: matches.map(\.isRight)))), seconds: 0)
  }

  /// The point of the scene that the image of that name sees there (our pixels), if it is one.
  func point(at position: SIMD2<Double>, in name: String) -> Int? {
    guard let view = names.firstIndex(of: name) else { return nil }
    return seen[view].firstIndex { point in
      point.map { (($0 - position) * ($0 - position)).sum() < 1 } ?? false
    }
  }

  /// Writes the pairs to a store in the folder.
  func store(in folder: TestFolder) throws -> PairStoreFolder {
    try SyntheticScene().store(in: folder, pairs: pairs, pairCount: pairs.count)
  }
}
