// Dual-softmax partners above a threshold, in one pass over the similarities.
//
// P is at most either of its two softmaxes, and a softmax over a whole row is at most the one over part of it. So an
// entry whose share of its row's or column's sum so far is below the threshold can be dropped at once. The few that
// remain are evaluated with the final sums. This is exact: pairs above the threshold, and whatever beats them in their
// row or column, all remain. At most 1 / threshold entries of a row have so large a share, so pruning keeps memory
// linear in the number of rows.

import CKernels
import Glibc
import Tensor

extension DualSoftmax {
  /// As `partners`, without those whose P is below the threshold, which must be positive.
  func candidatePartners(
    _ tiles: SimilarityTiles, logWeight0: [Float], logWeight1: [Float], atLeast threshold: Float,
    on compute: Compute
  ) -> Partners {
    // Rounding in the sums must not drop a pair just at the threshold.
    let leastLog = logf(threshold) - 1e-3
    let entriesPerRow = Int(1.01 / threshold) + 1
    let sums = RunningLogSumExp(tiles)
    let lists = tiles.groups.map { _ in CandidateList() }
    tiles.forEach(on: compute) { group, rows, columns, tile in
      sums.add(tile, group: group, rows: rows, columns: columns)
      let rowBounds = rows.map { sums.row($0) + leastLog - logWeight0[$0] }
      // A column's maximum is below its log-sum-exp, and cheaper.
      let firstColumn = group * tiles.columns
      let columnBounds = columns.map { sums.columnMaximum[firstColumn + $0] + leastLog - logWeight1[$0] }
      let list = lists[group]
      list.append(atMost: rows.count * entriesPerRow) { entries, capacity in
        ck_collect_entries(
          tile, rows.count, columns.count, rowBounds, columnBounds, Int32(rows.lowerBound),
          Int32(columns.lowerBound), entries, capacity)
      }
      if list.entries.count > 2 * tiles.groups[group].count * entriesPerRow {
        list.entries.removeAll { entry in
          let row = Int(entry.row)
          return entry.similarity < sums.row(row) + leastLog - logWeight0[row]
        }
      }
    }

    let rowTerm = zip(logWeight0, sums.rows).map { $0 - $1 }
    let columnTerm = zip(logWeight1, sums.columns).map { $0 - $1 }
    var result = Partners(
      column: Array(repeating: -1, count: tiles.rows),
      logScore: Array(repeating: -.infinity, count: tiles.rows),
      row: Array(repeating: -1, count: tiles.columns))
    var columnBest = [Float](repeating: -.infinity, count: tiles.columns)
    // A row's entries come left to right, a column's top to bottom, so ties go to the lower index.
    for entry in lists.lazy.flatMap(\.entries) {
      let (row, column) = (Int(entry.row), Int(entry.column))
      let value = 2 * entry.similarity + (rowTerm[row] + columnTerm[column])
      guard value >= leastLog else { continue }
      if value > result.logScore[row] {
        result.logScore[row] = value
        result.column[row] = entry.column
      }
      if value > columnBest[column] {
        columnBest[column] = value
        result.row[column] = entry.row
      }
    }
    return result
  }
}

/// The candidates of one group of rows, used by one thread at a time.
private final class CandidateList {
  var entries: [ck_entry] = []

  func append(atMost capacity: Int, _ fill: (UnsafeMutablePointer<ck_entry>, Int) -> Int) {
    withUnsafeTemporaryAllocation(of: ck_entry.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return }
      entries.append(contentsOf: UnsafeBufferPointer(start: start, count: fill(start, capacity)))
    }
  }
}
