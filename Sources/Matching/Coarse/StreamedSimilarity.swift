// Reductions of a similarity matrix that is never stored, each one pass over its tiles (see SimilarityTiles). Memory is
// linear in the number of descriptors.

import CKernels
import Glibc
import Tensor

struct StreamedSimilarity {
  /// [rows, channels] and [columns, channels].
  let first, second: Tensor
  /// Factor on the dot products.
  let scale: Float

  var rows: Int { first.shape[0] }
  var columns: Int { second.shape[0] }

  var transposed: StreamedSimilarity { StreamedSimilarity(first: second, second: first, scale: scale) }

  /// For each row i, log sum over j of exp(S(i, j) + columnTerm(j)).
  func rowLogSumExp(adding columnTerm: [Float], on compute: Compute) -> [Float] {
    var maximum = [Float](repeating: -.infinity, count: rows)
    var sum = [Float](repeating: 0, count: rows)
    maximum.withUnsafeMutableBufferPointer { maximum in
      sum.withUnsafeMutableBufferPointer { sum in
        columnTerm.withUnsafeBufferPointer { columnTerm in
          guard let maximum = maximum.baseAddress, let sum = sum.baseAddress,
            let columnTerm = columnTerm.baseAddress
          else { return }
          tiles(on: compute).forEach(on: compute) { _, row, column, tile in
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
    compute.count(multiplyAdds: rows * columns * first.shape[1])
    // The tiles' partners doubles similarities, for dual-softmax; halving them first is exact.
    return SimilarityTiles(first, second, scale: scale / 2)
      .partners(rowTerm: rowTerm, columnTerm: columnTerm, on: compute)
  }

  /// The stored matrix of `value(S(i, j), i, j)`, for inspecting small inputs.
  func matrix(on compute: Compute, _ value: (_ similarity: Float, _ row: Int, _ column: Int) -> Float)
    -> Tensor
  {
    Tensor([rows, columns]) { output in
      guard let output = output.baseAddress else { return }
      tiles(on: compute).forEach(on: compute) { _, rowRange, columnRange, tile in
        for (r, row) in rowRange.enumerated() {
          for (c, column) in columnRange.enumerated() {
            output[row * columns + column] = value(tile[r * columnRange.count + c], row, column)
          }
        }
      }
    }
  }

  private func tiles(on compute: Compute) -> SimilarityTiles {
    compute.count(multiplyAdds: rows * columns * first.shape[1])
    return SimilarityTiles(first, second, scale: scale)
  }
}
