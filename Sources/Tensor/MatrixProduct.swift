// Matrix products on OpenBLAS, single-threaded: the caller splits the work (see Compute).

import COpenBLAS

/// One operand or result of a product: a row-major matrix inside a larger buffer.
public struct MatrixView {
  let pointer: UnsafePointer<Float>
  let stride: Int
  let transposed: Bool

  /// - Parameters:
  ///   - pointer: first element.
  ///   - stride: elements from one stored row to the next.
  ///   - transposed: take the stored matrix's transpose.
  public init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.pointer = pointer
    self.stride = stride
    self.transposed = transposed
  }
}

/// result (rows, columns) = scale * left (rows, inner) * right (inner, columns), added to what result holds
/// where `accumulate` is true. Runs on the calling thread.
public func matrixProduct(
  rows: Int, columns: Int, inner: Int, scale: Float = 1, left: MatrixView, right: MatrixView,
  accumulate: Bool = false, result: UnsafeMutablePointer<Float>, resultStride: Int
) {
  guard rows > 0, columns > 0 else { return }
  cblas_sgemm(
    CblasRowMajor, left.transposed ? CblasTrans : CblasNoTrans, right.transposed ? CblasTrans : CblasNoTrans,
    blasint(rows), blasint(columns), blasint(inner), scale, left.pointer, blasint(left.stride),
    right.pointer, blasint(right.stride), accumulate ? 1 : 0, result, blasint(resultStride))
}
