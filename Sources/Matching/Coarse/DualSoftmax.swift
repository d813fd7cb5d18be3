// Dual-softmax and mutual nearest neighbours (LoFTR, Sun et al. 2021, section 3.3) without the token-by-token
// matrix: P(i, j) = softmax over j of S(i, .) at j, times softmax over i of S(., j) at i, that is
// log P = 2 S(i, j) - rowLSE(i) - columnLSE(j) with the log-sum-exp of every row and column.
//
// Two passes over tiles of S find the best partner of every row and column: one for the sums, one for the partners.
// With a threshold, one pass will do (see DualSoftmaxCandidates). Memory is linear in the number of tokens either way.

import CKernels
import Glibc
import Tensor

package struct DualSoftmax: Sendable {
  /// Factor on the descriptors' dot products.
  package let scale: Float

  package init(scale: Float) { self.scale = scale }

  package struct Partners: Sendable, Equatable {
    /// Best column of each row; -1 if the descriptors hold no numbers or nothing reaches the threshold.
    package var column: [Int32]
    /// log P of each row at that column.
    package var logScore: [Float]
    /// Best row of each column, or -1.
    package var row: [Int32]
  }

  /// Below this, too many candidates pass for one pass to pay.
  private static let leastThreshold: Float = 0.01

  /// Best partners of descriptors [rows, channels] and [columns, channels]. Log weights (log matchability, at most 0;
  /// [rows] and [columns]) are added to log P. Partners with P below `threshold` may be omitted, which is faster.
  package func partners(
    _ first: Tensor, _ second: Tensor, logWeight0: [Float]? = nil, logWeight1: [Float]? = nil,
    atLeast threshold: Float = 0, on compute: Compute
  ) -> Partners {
    let tiles = SimilarityTiles(first, second, scale: scale)
    compute.count(multiplyAdds: tiles.rows * tiles.columns * first.shape[1])
    let weight0 = logWeight0 ?? [Float](repeating: 0, count: tiles.rows)
    let weight1 = logWeight1 ?? [Float](repeating: 0, count: tiles.columns)
    guard threshold < Self.leastThreshold else {
      return candidatePartners(
        tiles, logWeight0: weight0, logWeight1: weight1, atLeast: threshold, on: compute)
    }
    let statistics = logSumExp(tiles, on: compute)
    let rowTerm = zip(weight0, statistics.rows).map { $0 - $1 }
    let columnTerm = zip(weight1, statistics.columns).map { $0 - $1 }
    return tiles.partners(rowTerm: rowTerm, columnTerm: columnTerm, on: compute)
  }

  /// P [rows, columns], stored; for tests and inspecting small inputs.
  package func matrix(
    _ first: Tensor, _ second: Tensor, logWeight0: [Float]? = nil, logWeight1: [Float]? = nil,
    on compute: Compute
  ) -> Tensor {
    let tiles = SimilarityTiles(first, second, scale: scale)
    let statistics = logSumExp(tiles, on: compute)
    return Tensor([tiles.rows, tiles.columns]) { output in
      guard let output = output.baseAddress else { return }
      tiles.forEach(on: compute) { _, rowRange, columnRange, tile in
        for (r, row) in rowRange.enumerated() {
          for (c, column) in columnRange.enumerated() {
            let logScore =
              2 * tile[r * columnRange.count + c] - statistics.rows[row] - statistics.columns[column]
              + (logWeight0?[row] ?? 0) + (logWeight1?[column] ?? 0)
            output[row * tiles.columns + column] = expf(logScore)
          }
        }
      }
    }
  }

  private func logSumExp(
    _ tiles: SimilarityTiles, on compute: Compute
  ) -> (rows: [Float], columns: [Float]) {
    let sums = RunningLogSumExp(tiles)
    tiles.forEach(on: compute) { sums.add($3, group: $0, rows: $1, columns: $2) }
    return (sums.rows, sums.columns)
  }
}
