// Point correspondences between two images: what every stage from coarse matching to the exports hands on. Which
// pixels the points are in (the network's, the photos', the stored files') is stated where they come from; the centre
// of the first pixel is always (0, 0).

/// Matched points of two images with their scores.
package struct Correspondences: Sendable, Equatable {
  /// Points in the first image, pixels.
  package private(set) var points0: [SIMD2<Double>]
  /// Their partners in the second image, pixels.
  package private(set) var points1: [SIMD2<Double>]
  /// Confidence of each match, higher is better; a probability, 0...1, where a network gave it.
  package private(set) var scores: [Double]

  /// Correspondences from lists of equal length; by default none.
  package init(points0: [SIMD2<Double>] = [], points1: [SIMD2<Double>] = [], scores: [Double] = []) {
    precondition(
      points1.count == points0.count && scores.count == points0.count,
      "every match has two points and a score")
    self.points0 = points0
    self.points1 = points1
    self.scores = scores
  }

  package var count: Int { points0.count }
  package var indices: Range<Int> { points0.indices }

  package mutating func append(_ point0: SIMD2<Double>, _ point1: SIMD2<Double>, score: Double) {
    points0.append(point0)
    points1.append(point1)
    scores.append(score)
  }

  package mutating func reserveCapacity(_ count: Int) {
    points0.reserveCapacity(count)
    points1.reserveCapacity(count)
    scores.reserveCapacity(count)
  }

  /// The matches at `indices`, in that order.
  package func selecting(_ indices: some Collection<Int>) -> Correspondences {
    Correspondences(
      points0: indices.map { points0[$0] }, points1: indices.map { points1[$0] },
      scores: indices.map { scores[$0] })
  }

  /// The same matches with their points moved, each side's by its own map.
  package func mapped(
    _ first: (SIMD2<Double>) -> SIMD2<Double>, _ second: (SIMD2<Double>) -> SIMD2<Double>
  ) -> Correspondences {
    Correspondences(points0: points0.map(first), points1: points1.map(second), scores: scores)
  }

  /// The same matches from the second image to the first.
  package var swapped: Correspondences {
    Correspondences(points0: points1, points1: points0, scores: scores)
  }

  /// Indices by descending score; where scores tie, the earlier match first.
  package var bestFirst: [Int] {
    indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
  }

  /// The `limit` matches of highest score, best first.
  package func best(_ limit: Int) -> Correspondences { selecting(bestFirst.prefix(limit)) }
}
