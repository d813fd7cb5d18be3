// The right operand of a product in the order the kernels read it: packed once, used for many rows.

import CKernels

/// A matrix [inner, columns], the right operand of products.
package struct PackedMatrix: Sendable {
  package let inner: Int
  package let columns: Int
  let instructions: InstructionSet
  private let storage: Tensor

  /// Packs `matrix` [inner, columns], which may be a transposed view.
  package init(_ matrix: MatrixView, inner: Int, columns: Int) {
    self.init(matrix, inner: inner, columns: columns, instructions: .widest)
  }

  init(_ matrix: MatrixView, inner: Int, columns: Int, instructions: InstructionSet) {
    self.inner = inner
    self.columns = columns
    self.instructions = instructions
    storage = Tensor([ck_packed_count(instructions.kernel, inner, columns)]) { packed in
      matrix.pack(inner: inner, columns: columns, instructions, into: packed.baseAddress)
    }
  }

  /// result (rows, columns) = activation(scale * left (rows, range of inner) * matrix + bias + residual). Runs on the
  /// calling thread. `residual` is laid out as `result` and may be `result` itself; bias [columns]. `innerRange`
  /// selects rows of the packed matrix, all by default.
  package func multiply(
    rows: Int, left: MatrixView, innerRange: Range<Int>? = nil, scale: Float = 1,
    bias: UnsafePointer<Float>? = nil, residual: UnsafePointer<Float>? = nil, activation: Activation = .none,
    result: UnsafeMutablePointer<Float>, resultStride: Int
  ) {
    let range = innerRange ?? 0..<inner
    precondition(range.lowerBound >= 0 && range.upperBound <= inner, "rows \(range) of \(inner)")
    var product = ck_product()
    (product.runs, product.rows, product.columns) = (1, rows, columns)
    (product.segments, product.length) = (1, range.count)
    product.left = left.pointer
    (product.left_row, product.left_inner) = left.transposed ? (1, left.stride) : (left.stride, 1)
    (product.right_inner, product.right_first) = (inner, range.lowerBound)
    (product.scale, product.bias, product.residual) = (scale, bias, residual)
    (product.activation, product.result, product.result_row) = (activation.kernel, result, resultStride)
    multiply(&product)
  }

  func multiply(_ product: inout ck_product) {
    borrowElements(storage) { packed in
      product.right = packed
      ck_multiply(instructions.kernel, &product)
    }
  }
}

extension MatrixView {
  /// Packs this matrix [inner, columns] for kernels of that set.
  func pack(
    inner: Int, columns: Int, _ instructions: InstructionSet, into packed: UnsafeMutablePointer<Float>?
  ) {
    let (innerStride, columnStride) = transposed ? (1, stride) : (stride, 1)
    ck_pack(instructions.kernel, pointer, innerStride, columnStride, inner, columns, packed)
  }
}
