// Point correspondences between two images, passed on by every stage from coarse matching to the exports. Their owner
// states whose pixels the points are in (the network's, the photos', the stored files').

package struct Correspondences: Sendable, Equatable {
  package private(set) var points0: [SIMD2<Double>]
  package private(set) var points1: [SIMD2<Double>]
  /// Confidence of each match, higher is better; a probability in 0...1 if it comes from a network.
  package private(set) var scores: [Double]
  /// One per match; nil before refinement.
  package private(set) var precisions: [PointPrecision]?

  /// Lists must have equal length.
  package init(
    points0: [SIMD2<Double>] = [], points1: [SIMD2<Double>] = [], scores: [Double] = [],
    precisions: [PointPrecision]? = nil
  ) {
    precondition(
      points1.count == points0.count && scores.count == points0.count
        && (precisions.map { $0.count == points0.count } ?? true),
      "every match has two points and a score, and all or none have a precision")
    self.points0 = points0
    self.points1 = points1
    self.scores = scores
    self.precisions = precisions
  }

  package var count: Int { points0.count }
  package var indices: Range<Int> { points0.indices }
  package var refinedCount: Int { precisions?.count { $0.source == .refined } ?? 0 }

  /// The precision is dropped unless all matches have one.
  package mutating func append(
    _ point0: SIMD2<Double>, _ point1: SIMD2<Double>, score: Double, precision: PointPrecision? = nil
  ) {
    if points0.isEmpty && precision != nil { precisions = [] }
    if let precision { precisions?.append(precision) } else { precisions = nil }
    points0.append(point0)
    points1.append(point1)
    scores.append(score)
  }

  package mutating func reserveCapacity(_ count: Int) {
    points0.reserveCapacity(count)
    points1.reserveCapacity(count)
    scores.reserveCapacity(count)
  }

  package func selecting(_ indices: some Collection<Int>) -> Correspondences {
    Correspondences(
      points0: indices.map { points0[$0] }, points1: indices.map { points1[$0] },
      scores: indices.map { scores[$0] }, precisions: precisions.map { all in indices.map { all[$0] } })
  }

  /// The same matches with the points of each image mapped, without their precisions.
  package func mapped(
    _ first: (SIMD2<Double>) -> SIMD2<Double>, _ second: (SIMD2<Double>) -> SIMD2<Double>
  ) -> Correspondences {
    Correspondences(points0: points0.map(first), points1: points1.map(second), scores: scores)
  }

  /// The same matches from the second image to the first.
  package var swapped: Correspondences {
    Correspondences(
      points0: points1, points1: points0, scores: scores,
      precisions: precisions.map { all in
        all.map { $0.swapped ?? PointPrecision(covariance: $0.covariance, source: $0.source, map: .identity) }
      })
  }

  /// Indices by descending score; ties keep their order.
  package var bestFirst: [Int] {
    indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
  }

  /// The `limit` matches of highest score, best first.
  package func best(_ limit: Int) -> Correspondences { selecting(bestFirst.prefix(limit)) }
}
