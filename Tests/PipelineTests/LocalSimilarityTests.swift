// What neighbouring matches tell of turn and scale: the truth, with most matches wrong, and nothing where all are.

import TestSupport
import Geometry
import Testing

@testable import Pipeline

@Suite struct LocalSimilarityTests {
  /// Points of a grid of 8 pixels, in any order, and where a turn (cosine, sine) times `ratio` takes them; a share of
  /// them goes anywhere.
  private func matches(
    turn: SIMD2<Double> = SIMD2(1, 0), ratio: Double = 1, right: Double, seed: Int
  ) -> (points0: [SIMD2<Double>], points1: [SIMD2<Double>]) {
    var random = SeededGenerator(seed)
    let grid = (0..<1200).map { (index: Int) -> SIMD2<Double> in
      let (x, y) = (Double(8 * (index % 40)), Double(8 * (index / 40)))
      return SIMD2<Double>(x, y)
    }
    let points0 = grid.shuffled(using: &random)
    let points1 = points0.map { point -> SIMD2<Double> in
      let noise = SIMD2(random.uniform(-1...1), random.uniform(-1...1))
      guard random.uniform(0...1) < right else { return 200 + 200 * noise }
      let turned = SIMD2(turn.x * point.x - turn.y * point.y, turn.y * point.x + turn.x * point.y)
      return ratio * turned + noise
    }
    return (points0, points1)
  }

  private func similarity(_ points0: [SIMD2<Double>], _ points1: [SIMD2<Double>]) -> LocalSimilarity {
    LocalSimilarity(
      Correspondences(
        points0: points0, points1: points1, scores: [Double](repeating: 1, count: points0.count)), spacing: 8)
  }

  /// By 0 to 3 quarters, and 35 degrees to either side.
  @Test(arguments: 0...3, [-35, 0, 35])
  func tellsTheTurn(quarters: Int, degrees: Int) {
    let quarter = [SIMD2(1.0, 0), SIMD2(0, 1), SIMD2(-1, 0), SIMD2(0, -1)][quarters]
    let rest = degrees == 0 ? SIMD2(1, 0) : SIMD2(0.8192, degrees > 0 ? 0.5736 : -0.5736)
    let turn = SIMD2(quarter.x * rest.x - quarter.y * rest.y, quarter.y * rest.x + quarter.x * rest.y)
    for seed in 0..<5 {
      let (points0, points1) = matches(turn: turn, right: 0.5, seed: seed)
      let similarity = self.similarity(points0, points1)
      #expect(similarity.turns == quarters)
      // Both ends of a vector must be right.
      #expect(abs(similarity.agreement - 0.25) < 0.08)
      #expect(similarity.enlarged < 0.5 && similarity.shrunk < 0.5)
    }
  }

  @Test func tellsTheRatioOfScale() {
    for seed in 0..<5 {
      for (ratio, enlarged, shrunk) in [
        (2.5, true, false), (1.9, true, false), (1.3, false, false), (1 / 1.3, false, false),
        (1 / 2.5, false, true),
      ] {
        let (points0, points1) = matches(ratio: ratio, right: 0.8, seed: seed)
        let similarity = self.similarity(points0, points1)
        #expect((similarity.enlarged > 0.5) == enlarged && (similarity.shrunk > 0.5) == shrunk)
      }
    }
  }

  @Test func wrongMatchesDoNotAgree() {
    for seed in 0..<5 {
      let (points0, points1) = matches(right: 0, seed: seed)
      let similarity = self.similarity(points0, points1)
      #expect(similarity.count > 10_000 && similarity.agreement < 0.1)
    }
  }

  /// Near and far surfaces, each moved by its own parallax, are turned alike.
  @Test func depthDoesNotMatter() {
    var (points0, points1) = matches(turn: SIMD2(0, 1), right: 1, seed: 1)
    for index in points0.indices where Int(points0[index].x / 40) % 2 == 0 { points1[index].x += 60 }
    let similarity = self.similarity(points0, points1)
    #expect(similarity.turns == 1 && similarity.agreement > 0.6)
  }

  /// Every two of the best 1024 points at 2 to 6 spacings, once each.
  @Test func comparesAllNeighbours() {
    let (points0, points1) = matches(right: 1, seed: 3)
    var expected = 0
    for first in 0..<1024 {
      for second in 0..<first {
        let vector = points0[first] - points0[second]
        if (16 * 16...48 * 48).contains((vector * vector).sum()) { expected += 1 }
      }
    }
    #expect(similarity(points0, points1).count == expected)
  }

  @Test func fewOrStrayPointsTellNothing() {
    for points in [[], [SIMD2(3.0, 4)], [SIMD2(-0.5, -0.5), SIMD2(19, 4)]] {
      // Partners in one point have no direction.
      let partners = points.map { _ in SIMD2(5.0, 5) }
      let similarity = self.similarity(points, partners)
      #expect(similarity.count == 0 && similarity.agreement == 0 && similarity.turns == 0)
    }
  }
}
