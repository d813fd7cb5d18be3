// The similarity matrix S(i, j) = scale <first(i), second(j)> of two sets of descriptors, never stored: tiles of it
// are computed where they are needed, and each reduction below is one pass over them. Memory is linear in the number
// of descriptors. Rows are split into fixed ranges, the unit of parallel work, so that results do not depend on the
// number of threads.

import CKernels
import Glibc
import Tensor

/// Reductions over the similarities of all pairs of descriptors.
struct StreamedSimilarity {
  private static let tileRows = 128
  private static let tileColumns = 1024
  /// Ranges of rows that share one set of column statistics are at most this many.
  private static let groupCount = 16

  /// [rows, channels].
  let first: Tensor
  /// [columns, channels].
  let second: Tensor
  /// Factor on the dot products.
  let scale: Float

  var rows: Int { first.shape[0] }
  var columns: Int { second.shape[0] }

  /// The transposed matrix.
  var transposed: StreamedSimilarity { StreamedSimilarity(first: second, second: first, scale: scale) }

  /// For each row i the logarithm of the sum over j of exp(S(i, j) + columnTerm(j)).
  func rowLogSumExp(adding columnTerm: [Float], on compute: Compute) -> [Float] {
    var maximum = [Float](repeating: -.infinity, count: rows)
    var sum = [Float](repeating: 0, count: rows)
    maximum.withUnsafeMutableBufferPointer { maximum in
      sum.withUnsafeMutableBufferPointer { sum in
        columnTerm.withUnsafeBufferPointer { columnTerm in
          guard let maximum = maximum.baseAddress, let sum = sum.baseAddress,
            let columnTerm = columnTerm.baseAddress
          else { return }
          forEachTile(on: compute) { _, row, column, tile in
            ck_accumulate_row_log_sum_exp(
              tile, row.count, column.count, columnTerm + column.lowerBound, maximum + row.lowerBound,
              sum + row.lowerBound)
          }
        }
      }
    }
    return zip(maximum, sum).map { $0 + logf($1) }
  }

  /// For each row its best column and for each column its best row under S(i, j) + rowTerm(i) + columnTerm(j), and
  /// each row's value there.
  func partners(rowTerm: [Float], columnTerm: [Float], on compute: Compute) -> DualSoftmax.Partners {
    let groups = rowGroups.count
    var best = [Float](repeating: -.infinity, count: rows)
    var partner = [Int32](repeating: -1, count: rows)
    var groupBest = [Float](repeating: -.infinity, count: groups * columns)
    var groupPartner = [Int32](repeating: -1, count: groups * columns)
    // The kernel doubles similarities, as dual-softmax needs it; halving them here first is exact.
    let halved = StreamedSimilarity(first: first, second: second, scale: scale / 2)
    best.withUnsafeMutableBufferPointer { best in
      partner.withUnsafeMutableBufferPointer { partner in
        groupBest.withUnsafeMutableBufferPointer { groupBest in
          groupPartner.withUnsafeMutableBufferPointer { groupPartner in
            rowTerm.withUnsafeBufferPointer { rowTerm in
              columnTerm.withUnsafeBufferPointer { columnTerm in
                guard let best = best.baseAddress, let partner = partner.baseAddress,
                  let groupBest = groupBest.baseAddress, let groupPartner = groupPartner.baseAddress,
                  let rowTerm = rowTerm.baseAddress, let columnTerm = columnTerm.baseAddress
                else { return }
                halved.forEachTile(on: compute) { group, row, column, tile in
                  let place = group * columns + column.lowerBound
                  ck_accumulate_best(
                    tile, row.count, column.count, rowTerm + row.lowerBound,
                    columnTerm + column.lowerBound, Int32(row.lowerBound), Int32(column.lowerBound),
                    best + row.lowerBound, partner + row.lowerBound, groupBest + place, groupPartner + place)
                }
              }
            }
          }
        }
      }
    }
    var columnBest = [Float](repeating: -.infinity, count: columns)
    var columnPartner = [Int32](repeating: -1, count: columns)
    for group in 0..<groups {
      for column in 0..<columns where groupBest[group * columns + column] > columnBest[column] {
        columnBest[column] = groupBest[group * columns + column]
        columnPartner[column] = groupPartner[group * columns + column]
      }
    }
    return DualSoftmax.Partners(column: partner, logScore: best, row: columnPartner)
  }

  /// The stored matrix of `value(S(i, j), i, j)`, for inspection of small inputs.
  func matrix(on compute: Compute, _ value: (_ similarity: Float, _ row: Int, _ column: Int) -> Float)
    -> Tensor
  {
    Tensor([rows, columns]) { output in
      guard let output = output.baseAddress else { return }
      forEachTile(on: compute) { _, rowRange, columnRange, tile in
        for (r, row) in rowRange.enumerated() {
          for (c, column) in columnRange.enumerated() {
            output[row * columns + column] = value(tile[r * columnRange.count + c], row, column)
          }
        }
      }
    }
  }

  private var rowGroups: [Range<Int>] {
    let tiles = (rows + Self.tileRows - 1) / Self.tileRows
    let perGroup = max(1, (tiles + Self.groupCount - 1) / Self.groupCount) * Self.tileRows
    return stride(from: 0, to: rows, by: perGroup).map { $0..<min(rows, $0 + perGroup) }
  }

  /// Computes S tile by tile, groups of rows in parallel, the tiles of a group in order.
  private func forEachTile(
    on compute: Compute,
    _ body: (_ group: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ tile: UnsafePointer<Float>) -> Void
  ) {
    let (groups, channels) = (rowGroups, first.shape[1])
    compute.count(multiplyAdds: rows * columns * channels)
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
