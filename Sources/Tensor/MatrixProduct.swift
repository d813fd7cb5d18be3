// Matrix products of operands that lie in memory as they are, single-threaded: the caller splits the work (see
// Compute). The right operand is packed block by block for the kernels.

import CKernels

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
  matrixProduct(
    rows: rows, columns: columns, inner: inner, scale: scale, left: left, right: right,
    accumulate: accumulate,
    result: result, resultStride: resultStride, instructions: .widest)
}

/// A packed block stays in the second cache level (256 KB).
private let blockInner = 512
private let blockColumns = 128

/// `matrixProduct` with the kernels of an instruction set.
func matrixProduct(
  rows: Int, columns: Int, inner: Int, scale: Float, left: MatrixView, right: MatrixView, accumulate: Bool,
  result: UnsafeMutablePointer<Float>, resultStride: Int, instructions: InstructionSet
) {
  guard rows > 0, columns > 0 else { return }
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
      // At least once, as a product over nothing is zeros.
      for first in stride(from: 0, to: max(inner, 1), by: max(mostInner, 1)) {
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
