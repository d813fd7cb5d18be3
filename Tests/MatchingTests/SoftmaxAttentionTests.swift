// Softmax attention by tiles and blocks against its definition, in double precision.

import Glibc
import Tensor
import Testing
import TestSupport

@testable import Matching

@Suite struct SoftmaxAttentionTests {
  /// Numbers of queries and keys: below, at and beyond a tile of queries and a block of keys.
  @Test(arguments: [(1, 1), (5, 512), (96, 513), (97, 3), (200, 1100)], [1, 20] as [Float])
  func tilesAndBlocksGiveTheDefinition(extents: (Int, Int), magnitude: Float) {
    let (tokens, keyCount) = extents
    let (sequences, heads, channels) = (2, 3, 21)
    var random = SeededGenerator(tokens * keyCount)
    func tensor(_ rows: Int) -> Tensor {
      Tensor(
        [sequences, rows, channels],
        values: (0..<sequences * rows * channels).map { _ in magnitude * (2 * random.unit() - 1) })
    }
    let (queries, keys, values) = (tensor(tokens), tensor(keyCount), tensor(keyCount))
    let output = softmaxAttention(
      queries: queries, keys: keys, values: values, heads: heads, on: Compute(threads: 3)
    ).values.map(Double.init)
    let expected = twin(queries, keys, values, heads: heads)
    let scale = expected.map(abs).max() ?? 0
    let error = zip(output, expected).map { abs($0 - $1) }.max() ?? .infinity
    // The exponential turns the rounding of large scores into a relative error.
    #expect(error < (magnitude > 1 ? 2e-4 : 1e-5) * scale)
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() {
    var random = SeededGenerator(3)
    let inputs = (0..<3).map { _ in
      Tensor([1, 700, 24], values: (0..<700 * 24).map { _ in 3 * random.unit() })
    }
    let results = [1, 2, 3, 4].map {
      softmaxAttention(
        queries: inputs[0], keys: inputs[1], values: inputs[2], heads: 4, on: Compute(threads: $0)
      ).values
    }
    for result in results.dropFirst() { #expect(result == results[0]) }
  }

  private func twin(_ queries: Tensor, _ keys: Tensor, _ values: Tensor, heads: Int) -> [Double] {
    let (sequences, tokens, channels) = (queries.shape[0], queries.shape[1], queries.shape[2])
    let (keyCount, width) = (keys.shape[1], channels / heads)
    let (q, k, v) = (
      queries.values.map(Double.init), keys.values.map(Double.init), values.values.map(Double.init)
    )
    var output = [Double](repeating: 0, count: queries.count)
    for sequence in 0..<sequences {
      for token in 0..<tokens {
        for head in 0..<heads {
          let place = (sequence * tokens + token) * channels + head * width
          let scores = (0..<keyCount).map { source in
            let other = (sequence * keyCount + source) * channels + head * width
            return (0..<width).reduce(0.0) { $0 + q[place + $1] * k[other + $1] } / Double(width).squareRoot()
          }
          let maximum = scores.max() ?? 0
          let weights = scores.map { exp($0 - maximum) }
          let sum = weights.reduce(0, +)
          for source in 0..<keyCount {
            let other = (sequence * keyCount + source) * channels + head * width
            for channel in 0..<width { output[place + channel] += weights[source] / sum * v[other + channel] }
          }
        }
      }
    }
    return output
  }
}
