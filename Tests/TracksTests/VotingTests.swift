// From votes to keypoints, and from matches to keypoints.

import Geometry
import Testing

@testable import Tracks

@Suite struct VotingTests {
  /// The keypoints of some votes (point, weight).
  private func keypoints(
    _ votes: [(SIMD2<Double>, Double)], cellSize: Double = 1, maximumError: Double = 1
  ) -> Keypoints {
    var counted = KeypointVotes(cellSize: cellSize)
    for (point, weight) in votes { counted.add(point, weight: weight) }
    return counted.keypoints(maximumError: maximumError)
  }

  @Test func positionIsTheWeightedMeanNotTheCell() {
    let found = keypoints([(SIMD2(10.2, 20.4), 0.9), (SIMD2(10.4, 20.0), 0.3)])
    #expect(found.count == 1)
    #expect(abs(found.positions[0].x - 10.25) < 1e-12)
    #expect(abs(found.positions[0].y - 20.3) < 1e-12)
    #expect(abs(found.weights[0] - 1.2) < 1e-12)
  }

  /// Cells start at -0.5: 10.49 and 10.51 lie in different ones, and are one keypoint all the same.
  @Test func borderOfCellsDoesNotSplit() {
    let found = keypoints([(SIMD2(10.49, 5), 1), (SIMD2(10.51, 5), 1)])
    #expect(found.count == 1)
    #expect(abs(found.positions[0].x - 10.5) < 1e-12)
    let apart = keypoints([(SIMD2(10, 5), 1), (SIMD2(11.2, 5), 1)])
    #expect(apart.count == 2)
  }

  @Test func mostVotesComeFirst() {
    let votes = [(SIMD2(1.0, 1), 0.2), (SIMD2(9.0, 9), 0.9), (SIMD2(9.0, 9), 0.9), (SIMD2(5.0, 5), 0.5)]
    let found = keypoints(votes)
    #expect(found.positions == [SIMD2(9, 9), SIMD2(5, 5), SIMD2(1, 1)])
    #expect(found.weights == [1.8, 0.5, 0.2])
    let kept = found.keeping([0, 2])
    #expect(kept.positions == [SIMD2(9, 9), SIMD2(1, 1)] && kept.weights == [1.8, 0.2])
    #expect(kept.nearest(to: SIMD2(1.2, 1)) == 1 && kept.nearest(to: SIMD2(5, 5)) == nil)
  }

  /// Dictionaries have another order in every process; the result must not.
  @Test func orderOfVotesDoesNotMatter() {
    var random = SystemRandomNumberGenerator()
    let votes = (0..<2000).map { _ in
      // Multiples of 1/64, so that sums are exact in any order.
      (
        SIMD2(
          Double(Int.random(in: 0..<4096, using: &random)), Double(Int.random(in: 0..<4096, using: &random)))
          / 64, Double(Int.random(in: 1...64, using: &random)) / 64
      )
    }
    let (first, second) = (keypoints(votes), keypoints(votes.shuffled()))
    #expect(first.positions == second.positions)
    #expect(first.count > 500)
  }

  @Test func nearestEqualsExhaustiveSearch() {
    var random = SystemRandomNumberGenerator()
    func point() -> SIMD2<Double> {
      SIMD2(Double.random(in: -0.5..<40, using: &random), Double.random(in: -0.5..<30, using: &random))
    }
    let positions = (0..<400).map { _ in point() }
    let found = Keypoints(
      positions: positions, weights: [Double](repeating: 1, count: 400), maximumError: 0.8)
    var hits = 0
    for _ in 0..<2000 {
      let query = point()
      let distances = positions.map { squaredLength($0 - query) }
      let best = distances.indices.min { distances[$0] < distances[$1] }
      let expected = best.flatMap { distances[$0] <= 0.64 ? $0 : nil }
      #expect(found.nearest(to: query) == expected)
      if expected != nil { hits += 1 }
    }
    #expect(hits > 200 && hits < 2000)
  }

  @Test func mergedMatchesAreOneToOneByScore() {
    let first = Keypoints(positions: [SIMD2(0, 0), SIMD2(10, 0)], weights: [1, 1], maximumError: 1)
    let second = Keypoints(
      positions: [SIMD2(0, 0), SIMD2(10, 0), SIMD2(20, 0)], weights: [1, 1, 1], maximumError: 1)
    let points0 = [SIMD2(0.3, 0), SIMD2(0, 0.2), SIMD2(10, 0), SIMD2(10, 0.5), SIMD2(5, 5)]
    let points1 = [SIMD2(0.0, 0), SIMD2(10, 0), SIMD2(10, 0.1), SIMD2(20, 0), SIMD2(20, 0)]
    // 0 and 1 compete for keypoint 0 of the first image, 1 and 2 for keypoint 1 of the second, 4 lies too far away.
    let merged = MergedMatches(
      Correspondences(points0: points0, points1: points1, scores: [0.4, 0.8, 0.7, 0.2, 0.9]), onto: first,
      and: second)
    #expect(merged.sources == [1, 3])
    #expect(merged.keypoints0 == [0, 1])
    #expect(merged.keypoints1 == [1, 2])
    #expect(merged.scores == [0.8, 0.2])
  }

  @Test func presetsAreOrdered() {
    let sizes = MergePreset.allCases.map(\.settings.maximumError)
    #expect(sizes == sizes.sorted() && Set(sizes).count == 3)
  }
}
