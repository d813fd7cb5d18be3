// The log-sum-exp of every row and column of a similarity matrix, accumulated tile by tile.

import CKernels
import Glibc

/// Running maxima and sums. Columns have one per group of rows, as groups run in parallel.
struct RunningLogSumExp {
  private let rowMaximum: Scratch<Float>
  private let rowSum: Scratch<Float>
  /// [groups, columns].
  let columnMaximum: Scratch<Float>
  private let columnSum: Scratch<Float>
  private let groups: Int
  private let columnCount: Int

  init(_ tiles: SimilarityTiles) {
    (groups, columnCount) = (tiles.groups.count, tiles.columns)
    rowMaximum = Scratch(repeating: -Float.infinity, count: tiles.rows)
    rowSum = Scratch(repeating: 0, count: tiles.rows)
    columnMaximum = Scratch(repeating: -Float.infinity, count: groups * columnCount)
    columnSum = Scratch(repeating: 0, count: groups * columnCount)
  }

  /// Caller must add the tiles of a group one after the other.
  func add(_ tile: UnsafePointer<Float>, group: Int, rows: Range<Int>, columns: Range<Int>) {
    let column = group * columnCount + columns.lowerBound
    ck_accumulate_log_sum_exp(
      tile, rows.count, columns.count, rowMaximum.start + rows.lowerBound, rowSum.start + rows.lowerBound,
      columnMaximum.start + column, columnSum.start + column)
  }

  /// A row's log-sum-exp so far.
  func row(_ row: Int) -> Float { rowMaximum[row] + logf(rowSum[row]) }

  var rows: [Float] { (0..<rowSum.count).map(row) }

  var columns: [Float] {
    (0..<columnCount).map { column in
      var (top, total) = (-Float.infinity, Float(0))
      for group in 0..<groups { top = max(top, columnMaximum[group * columnCount + column]) }
      for group in 0..<groups {
        let index = group * columnCount + column
        total += columnSum[index] == 0 ? 0 : columnSum[index] * expf(columnMaximum[index] - top)
      }
      return top + logf(total)
    }
  }
}
