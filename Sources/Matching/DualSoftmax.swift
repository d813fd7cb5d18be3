// Dual-softmax and mutual nearest neighbours (LoFTR, Sun et al. 2021, section 3.3) without the token-by-token
// matrix: P(i, j) = softmax over j of S(i, .) at j, times softmax over i of S(., j) at i, in two passes over
// tiles of the similarity S. The first pass gathers the log-sum-exp of every row and column, the second the best
// partner of every row and column under log P = 2 S(i, j) - rowLSE(i) - columnLSE(j). Memory is linear in the
// number of tokens; the price is that S is computed twice.

import CKernels
import Glibc
import Tensor

/// Mutual best partners under the dual-softmax.
public struct DualSoftmax: Sendable {
  /// Rows that share one set of column statistics are at most this many; fixes the order of all sums.
  private static let groupCount = 16
  private static let tileRows = 128
  private static let tileColumns = 1024

  /// Factor on the descriptors' dot products.
  public let scale: Float

  /// - Parameter scale: factor on the descriptors' dot products.
  public init(scale: Float) { self.scale = scale }

  /// For every row its best column, for every column its best row, and the rows' best log P.
  public struct Partners: Sendable, Equatable {
    /// [rows]: the best column; -1 where nothing compares (not a number in the descriptors).
    public var column: [Int32]
    /// [rows]: log P at that column.
    public var logScore: [Float]
    /// [columns]: the best row, or -1.
    public var row: [Int32]
  }

  /// - Parameters:
  ///   - first: descriptors [rows, channels].
  ///   - second: descriptors [columns, channels].
  ///   - logWeight0: [rows], added to log P (the logarithm of a matchability), or nil.
  ///   - logWeight1: [columns], likewise.
  public func partners(
    _ first: Tensor, _ second: Tensor, logWeight0: [Float]? = nil, logWeight1: [Float]? = nil,
    on compute: Compute
  ) -> Partners {
    let (rows, columns) = (first.shape[0], second.shape[0])
    compute.count(multiplyAdds: rows * columns * first.shape[1])
    let groups = rowGroups(rows)
    let statistics = logSumExp(first, second, groups, on: compute)
    let rowTerm = (0..<rows).map { (logWeight0?[$0] ?? 0) - statistics.rows[$0] }
    let columnTerm = (0..<columns).map { (logWeight1?[$0] ?? 0) - statistics.columns[$0] }

    let best = Scratch(repeating: -Float.infinity, count: rows)
    let partner = Scratch(repeating: Int32(-1), count: rows)
    let groupBest = Scratch(repeating: -Float.infinity, count: groups.count * columns)
    let groupPartner = Scratch(repeating: Int32(-1), count: groups.count * columns)
    forEachTile(first, second, groups, on: compute) { group, rowRange, columnRange, tile in
      let (row, column) = (rowRange.lowerBound, columnRange.lowerBound)
      let columnOfGroup = group * columns + column
      rowTerm.withUnsafeBufferPointer { rowTerm in
        columnTerm.withUnsafeBufferPointer { columnTerm in
          guard let rowTerm = rowTerm.baseAddress, let columnTerm = columnTerm.baseAddress else { return }
          ck_accumulate_best(
            tile, rowRange.count, columnRange.count, rowTerm + row, columnTerm + column, Int32(row),
            Int32(column),
            best.start + row, partner.start + row, groupBest.start + columnOfGroup,
            groupPartner.start + columnOfGroup)
        }
      }
    }
    var columnBest = [Float](repeating: -.infinity, count: columns)
    var columnPartner = [Int32](repeating: -1, count: columns)
    for group in groups.indices {
      for column in 0..<columns where groupBest[group * columns + column] > columnBest[column] {
        columnBest[column] = groupBest[group * columns + column]
        columnPartner[column] = groupPartner[group * columns + column]
      }
    }
    return Partners(column: partner.values, logScore: best.values, row: columnPartner)
  }

  /// The whole matrix P [rows, columns], stored: for tests and inspection of small inputs only, as its memory
  /// grows with rows * columns.
  public func matrix(
    _ first: Tensor, _ second: Tensor, logWeight0: [Float]? = nil, logWeight1: [Float]? = nil,
    on compute: Compute
  ) -> Tensor {
    let (rows, columns) = (first.shape[0], second.shape[0])
    let groups = rowGroups(rows)
    let statistics = logSumExp(first, second, groups, on: compute)
    return Tensor([rows, columns]) { output in
      guard let output = output.baseAddress else { return }
      forEachTile(first, second, groups, on: compute) { _, rowRange, columnRange, tile in
        for (r, row) in rowRange.enumerated() {
          for (c, column) in columnRange.enumerated() {
            let logScore =
              2 * tile[r * columnRange.count + c] - statistics.rows[row] - statistics.columns[column]
              + (logWeight0?[row] ?? 0) + (logWeight1?[column] ?? 0)
            output[row * columns + column] = expf(logScore)
          }
        }
      }
    }
  }

  /// Ranges of rows, a fixed number of whole tiles each: the unit of parallel work.
  private func rowGroups(_ rows: Int) -> [Range<Int>] {
    let tiles = (rows + Self.tileRows - 1) / Self.tileRows
    let perGroup = max(1, (tiles + Self.groupCount - 1) / Self.groupCount) * Self.tileRows
    return stride(from: 0, to: rows, by: perGroup).map { $0..<min(rows, $0 + perGroup) }
  }

  private func logSumExp(
    _ first: Tensor, _ second: Tensor, _ groups: [Range<Int>], on compute: Compute
  ) -> (rows: [Float], columns: [Float]) {
    let (rows, columns) = (first.shape[0], second.shape[0])
    let rowMaximum = Scratch(repeating: -Float.infinity, count: rows)
    let rowSum = Scratch(repeating: Float(0), count: rows)
    let maximum = Scratch(repeating: -Float.infinity, count: groups.count * columns)
    let sum = Scratch(repeating: Float(0), count: groups.count * columns)
    forEachTile(first, second, groups, on: compute) { group, rowRange, columnRange, tile in
      let column = group * columns + columnRange.lowerBound
      ck_accumulate_log_sum_exp(
        tile, rowRange.count, columnRange.count, rowMaximum.start + rowRange.lowerBound,
        rowSum.start + rowRange.lowerBound, maximum.start + column, sum.start + column)
    }
    let rowResult = zip(rowMaximum.values, rowSum.values).map { $0 + logf($1) }
    let columnResult = (0..<columns).map { column in
      var (top, total) = (-Float.infinity, Float(0))
      for group in groups.indices { top = max(top, maximum[group * columns + column]) }
      for group in groups.indices {
        total += sum[group * columns + column] * expf(maximum[group * columns + column] - top)
      }
      return top + logf(total)
    }
    return (rowResult, columnResult)
  }

  /// Computes S tile by tile, groups in parallel, the tiles of a group in order.
  private func forEachTile(
    _ first: Tensor, _ second: Tensor, _ groups: [Range<Int>], on compute: Compute,
    _ body: (_ group: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ tile: UnsafePointer<Float>) -> Void
  ) {
    let (columns, channels) = (second.shape[0], first.shape[1])
    borrowElements(first, second) { first, second in
      guard let first = first.baseAddress, let second = second.baseAddress else { return }
      compute.parallelFor(groups.count, grain: 1) { piece in
        let bytes = Self.tileRows * Self.tileColumns * MemoryLayout<Float>.stride
        withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
          guard let tile = scratch.bindMemory(to: Float.self).baseAddress else { return }
          for group in piece {
            for row in stride(from: groups[group].lowerBound, to: groups[group].upperBound, by: Self.tileRows)
            {
              let rowRange = row..<min(groups[group].upperBound, row + Self.tileRows)
              for column in stride(from: 0, to: columns, by: Self.tileColumns) {
                let columnRange = column..<min(columns, column + Self.tileColumns)
                matrixProduct(
                  rows: rowRange.count, columns: columnRange.count, inner: channels, scale: scale,
                  left: MatrixView(first + row * channels, stride: channels),
                  right: MatrixView(second + column * channels, stride: channels, transposed: true),
                  result: tile, resultStride: columnRange.count)
                body(group, rowRange, columnRange, tile)
              }
            }
          }
        }
      }
    }
  }
}

/// Working memory that threads write at disjoint places.
private final class Scratch<Element: BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  private let count: Int

  init(repeating value: Element, count: Int) {
    start = .allocate(capacity: max(count, 1))
    start.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { start.deallocate() }

  subscript(index: Int) -> Element { start[index] }

  var values: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
