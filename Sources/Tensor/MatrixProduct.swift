// Matrix products of operands that lie in memory as they are, single-threaded: the caller splits the work (see
// Compute). The right operand is packed block by block for the kernels of this project; a product of so few rows
// that packing would not pay, or a CPU without wide vectors, is left to OpenBLAS.

import CKernels
import COpenBLAS

/// One operand or result of a product: a row-major matrix inside a larger buffer.
package struct MatrixView {
  let pointer: UnsafePointer<Float>
  let stride: Int
  let transposed: Bool

  /// `stride`: elements from one stored row to the next; `transposed`: the view is the stored matrix's transpose.
  package init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.pointer = pointer
    self.stride = stride
    self.transposed = transposed
  }

  /// The part of the matrix starting at that element.
  func from(row: Int, column: Int) -> MatrixView {
    MatrixView(
      pointer + (transposed ? column * stride + row : row * stride + column), stride: stride,
      transposed: transposed)
  }
}

/// result (rows, columns) = scale * left (rows, inner) * right (inner, columns), added to the old result if
/// `accumulate`. Runs on the calling thread. A right operand used several times is better packed once, as a
/// `PackedMatrix`.
package func matrixProduct(
  rows: Int, columns: Int, inner: Int, scale: Float = 1, left: MatrixView, right: MatrixView,
  accumulate: Bool = false, result: UnsafeMutablePointer<Float>, resultStride: Int
) {
  guard rows > 0, columns > 0 else { return }
  if rows < leastRowsToPack || inner == 0 || InstructionSet.widest == .portable {
    referenceProduct(
      rows: rows, columns: columns, inner: inner, scale: scale, left: left, right: right,
      accumulate: accumulate, result: result, resultStride: resultStride)
  } else {
    packingProduct(
      rows: rows, columns: columns, inner: inner, scale: scale, left: left, right: right,
      accumulate: accumulate, result: result, resultStride: resultStride, instructions: .widest)
  }
}

/// With fewer rows, packing the right operand costs as much as multiplying.
private let leastRowsToPack = 4
/// A packed block stays in the second cache level (256 KB).
private let blockInner = 512
private let blockColumns = 128

/// `matrixProduct` by the kernels of this project.
func packingProduct(
  rows: Int, columns: Int, inner: Int, scale: Float, left: MatrixView, right: MatrixView, accumulate: Bool,
  result: UnsafeMutablePointer<Float>, resultStride: Int, instructions: InstructionSet
) {
  let (mostInner, mostColumns) = (min(inner, blockInner), min(columns, blockColumns))
  let bytes = ck_packed_count(instructions.kernel, mostInner, mostColumns) * MemoryLayout<Float>.stride
  withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
    let packed = scratch.bindMemory(to: Float.self).baseAddress
    var product = ck_product()
    (product.runs, product.segments, product.scale) = (1, 1, scale)
    (product.left_row, product.left_inner) = left.transposed ? (1, left.stride) : (left.stride, 1)
    (product.rows, product.result_row, product.right) = (rows, resultStride, UnsafePointer(packed))
    for column in stride(from: 0, to: columns, by: mostColumns) {
      product.columns = min(mostColumns, columns - column)
      product.result = result + column
      for first in stride(from: 0, to: inner, by: mostInner) {
        product.length = min(mostInner, inner - first)
        product.right_inner = product.length
        product.left = left.from(row: 0, column: first).pointer
        product.residual = accumulate || first > 0 ? UnsafePointer(product.result) : nil
        right.from(row: first, column: column)
          .pack(inner: product.length, columns: product.columns, instructions, into: packed)
        ck_multiply(instructions.kernel, &product)
      }
    }
  }
}

/// Products of at most this many multiply-adds OpenBLAS computes on the calling thread (its interface/gemm.c:
/// SMP_THRESHOLD_MIN times GEMM_MULTITHREAD_THRESHOLD). Its number of threads belongs to the process, not to us.
private let mostSingleThreaded = 65_536 * 4

/// `matrixProduct` by OpenBLAS, piece by piece.
func referenceProduct(
  rows: Int, columns: Int, inner: Int, scale: Float, left: MatrixView, right: MatrixView, accumulate: Bool,
  result: UnsafeMutablePointer<Float>, resultStride: Int
) {
  let area = max(1, mostSingleThreaded / max(inner, 1))
  let pieceRows = min(rows, max(1, min(64, area)))
  let pieceColumns = min(columns, max(1, area / pieceRows))
  for row in stride(from: 0, to: rows, by: pieceRows) {
    for column in stride(from: 0, to: columns, by: pieceColumns) {
      cblas_sgemm(
        CblasRowMajor, left.transposed ? CblasTrans : CblasNoTrans,
        right.transposed ? CblasTrans : CblasNoTrans, blasint(min(pieceRows, rows - row)),
        blasint(min(pieceColumns, columns - column)), blasint(inner), scale,
        left.from(row: row, column: 0).pointer, blasint(left.stride),
        right.from(row: 0, column: column).pointer, blasint(right.stride), accumulate ? 1 : 0,
        result + row * resultStride + column, blasint(resultStride))
    }
  }
}
