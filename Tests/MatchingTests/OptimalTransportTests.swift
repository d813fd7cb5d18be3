// Streamed optimal transport against its definition in double precision, at sizes around those of the tiles, and the
// score of raw similarities.

import Glibc
import Tensor
import Testing

@testable import Matching

@Suite struct OptimalTransportTests {
  private static let compute = Compute(threads: 2)

  private func random(_ count: Int, _ channels: Int, seed: UInt64) -> Tensor {
    var state = seed
    return Tensor(
      [count, channels],
      values: (0..<count * channels).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int(state >> 40)) / Float(1 << 23) - 1
      })
  }

  /// The assignment by scaling rows and columns in turn, dustbins last.
  private func assignment(_ similarity: [[Double]], binScore: Double, iterations: Int) -> [[Double]] {
    let (rows, columns) = (similarity.count, similarity[0].count)
    var matrix = similarity.map { row in (row + [binScore]).map(exp) }
    matrix.append([Double](repeating: exp(binScore), count: columns + 1))
    for _ in 0..<iterations {
      for i in 0...rows {
        let factor = (i == rows ? Double(columns) : 1) / matrix[i].reduce(0, +)
        for j in 0...columns { matrix[i][j] *= factor }
      }
      for j in 0...columns {
        let factor = (j == columns ? Double(rows) : 1) / (0...rows).reduce(0) { $0 + matrix[$1][j] }
        for i in 0...rows { matrix[i][j] *= factor }
      }
    }
    return matrix
  }

  private func similarity(_ first: Tensor, _ second: Tensor, scale: Double) -> [[Double]] {
    let (a, b, channels) = (first.values, second.values, first.shape[1])
    return (0..<first.shape[0]).map { i in
      (0..<second.shape[0]).map { j in
        scale * (0..<channels).reduce(0) { $0 + Double(a[i * channels + $1]) * Double(b[j * channels + $1]) }
      }
    }
  }

  @Test(arguments: [(1, 1), (3, 130), (129, 1025), (300, 77), (1100, 260)])
  func streamedTransportIsTheStoredOne(_ rows: Int, _ columns: Int) {
    let (channels, scale, binScore) = (4, 3.0, 0.6)
    let (first, second) = (random(rows, channels, seed: 1), random(columns, channels, seed: 2))
    let streamed = StreamedSimilarity(first: first, second: second, scale: Float(scale))
    let potentials = OptimalTransportMatcher.sinkhorn(
      streamed, binScore: binScore, iterations: 3, on: Self.compute)
    let expected = assignment(similarity(first, second, scale: scale), binScore: binScore, iterations: 3)
    let ours = streamed.matrix(on: Self.compute) { expf($0 + potentials.rows[$1] + potentials.columns[$2]) }
      .values
    let largest = expected.dropLast().map { $0.dropLast().max() ?? 0 }.max() ?? 0
    for i in 0..<rows {
      for j in 0..<columns where abs(Double(ours[i * columns + j]) - expected[i][j]) > 1e-4 * largest {
        Issue.record("(\(i), \(j)): \(ours[i * columns + j]) for \(expected[i][j])")
        return
      }
      #expect(
        abs(exp(binScore + Double(potentials.rows[i] + potentials.lastColumn)) - expected[i][columns])
          < 1e-3 * expected[i][columns])
    }
    #expect(
      abs(exp(binScore + Double(potentials.lastRow + potentials.lastColumn)) - expected[rows][columns])
        < 1e-3 * expected[rows][columns])

    let partners = streamed.partners(
      rowTerm: potentials.rows, columnTerm: potentials.columns, on: Self.compute)
    for i in 0..<rows {
      let best = expected[i].dropLast().max() ?? 0
      #expect(abs(expected[i][Int(partners.column[i])] - best) <= 1e-4 * largest)
      #expect(abs(Double(expf(partners.logScore[i])) - best) <= 1e-4 * largest)
    }
  }

  /// A cell whose best partner is the dustbin matches without the prefilter only.
  @Test(arguments: [false, true])
  func prefilter(_ prefilter: Bool) throws {
    // Two cells agree strongly, one pair weakly: less than with the dustbin.
    let features = [[4, 0, 0], [0, 4, 0], [0, 0, 0.9]].flatMap { $0.map { Float($0) } }
    let coarse = CoarseFeatures(map: Tensor([1, 3, 3], values: features), validRows: 1, validColumns: 3)
    let matcher = try OptimalTransportMatcher(
      Settings([
        "iterations": .number(3), "threshold": .number(0), "border": .number(0),
        "prefilter": .flag(prefilter),
      ]), channels: 3, from: Parameters(["bin_score": Tensor([], values: [1])]))
    let matches = matcher.matches(coarse, coarse, threshold: 0, on: Self.compute)
    #expect(matches.cells0 == (prefilter ? [0, 1] : [0, 1, 2]))
    #expect(matches.cells1 == matches.cells0)
  }

  @Test func scoresOfSimilarities() {
    #expect(abs(SimilarityMatcher.score(25) - 0.2) < 1e-6)
    #expect(abs(SimilarityMatcher.score(20) - 0.1) < 1e-6)
    let scores = stride(from: Float(-50), through: 100, by: 1).map(SimilarityMatcher.score)
    #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 < $1 || $1 == 1 })
    #expect(scores.allSatisfy { $0 >= 0 && $0 <= 1 })
  }
}
