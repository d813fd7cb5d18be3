// Affine maps of token rows, y = x W^T + b, with bias, residual and activation applied in the same pass.

package struct Linear: Sendable {
  package let inputChannels: Int
  package let outputChannels: Int
  private let weight: PackedMatrix
  private let bias: Tensor?

  /// Reads `weight` [outputChannels, inputChannels] and, if `bias`, `bias` [outputChannels].
  package init(_ inputChannels: Int, _ outputChannels: Int, bias: Bool, from parameters: Parameters) throws {
    let weight = try parameters.tensor("weight", [outputChannels, inputChannels])
    let shift = bias ? try parameters.tensor("bias", [outputChannels]) : nil
    self.init(weight: weight, bias: shift)
  }

  /// weight [outputChannels, inputChannels], as in PyTorch; bias [outputChannels].
  package init(weight: Tensor, bias: Tensor?) {
    self.init(weight: weight, bias: bias, instructions: .widest)
  }

  init(weight: Tensor, bias: Tensor?, instructions: InstructionSet) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    inputChannels = inputs
    outputChannels = outputs
    self.weight = weight.withElements { weight in
      guard let weight = weight.baseAddress else { preconditionFailure("a layer without channels") }
      return PackedMatrix(
        MatrixView(weight, stride: inputs, transposed: true), inner: inputs, columns: outputs,
        instructions: instructions)
    }
    self.bias = bias
  }

  /// input [..., inputChannels] -> [..., outputChannels]: activation(x W^T + b + residual).
  package func callAsFunction(
    _ input: Tensor, activation: Activation = .none, residual: Tensor? = nil, on compute: Compute
  ) -> Tensor {
    apply(input, nil, activation: activation, residual: residual, on: compute)
  }

  /// The layer over the channel-wise concatenation of the inputs, which is never formed.
  package func callAsFunction(
    concatenating first: Tensor, _ second: Tensor, activation: Activation = .none, on compute: Compute
  ) -> Tensor {
    apply(first, second, activation: activation, residual: nil, on: compute)
  }

  private func apply(
    _ first: Tensor, _ second: Tensor?, activation: Activation, residual: Tensor?, on compute: Compute
  ) -> Tensor {
    let rows = rowCount(first, second)
    let shape = first.shape.dropLast() + [outputChannels]
    precondition(residual == nil || residual?.count == rows * outputChannels, "residual differs in shape")
    compute.count(multiplyAdds: rows * inputChannels * outputChannels)
    return Tensor(Array(shape)) { output in
      guard let output = output.baseAddress else { return }
      compute.parallelFor(rows, grain: Linear.rowsPerPiece) { piece in
        borrowElements(residual) { residual in
          multiply(
            first, second, rows: piece, activation: activation,
            residual: residual.map { $0 + piece.lowerBound * outputChannels },
            result: output + piece.lowerBound * outputChannels)
        }
      }
    }
  }

  /// Rows of an input, or of two to be concatenated channel-wise.
  func rowCount(_ first: Tensor, _ second: Tensor?) -> Int {
    let widths = [first.shape.last ?? 1, second?.shape.last ?? 0]
    precondition(widths[0] + widths[1] == inputChannels, "\(widths) channels for a layer of \(inputChannels)")
    let rows = first.count / widths[0]
    precondition(
      first.count == rows * widths[0] && second?.count ?? 0 == rows * widths[1], "inputs differ in rows")
    return rows
  }

  /// The layer over some rows, on the calling thread; `second` is concatenated channel-wise. `residual` and `result`
  /// [rows, outputChannels] start at the first of these rows.
  func multiply(
    _ first: Tensor, _ second: Tensor?, rows: Range<Int>, activation: Activation = .none,
    residual: UnsafePointer<Float>? = nil, result: UnsafeMutablePointer<Float>
  ) {
    borrowElements(bias) { bias in
      borrowElements(first) { input in
        guard let input else { return }
        let width = first.shape.last ?? 1
        let isAll = second == nil
        weight.multiply(
          rows: rows.count, left: MatrixView(input + rows.lowerBound * width, stride: width),
          innerRange: 0..<width, bias: isAll ? bias : nil, residual: residual,
          activation: isAll ? activation : .none, result: result, resultStride: outputChannels)
      }
      borrowElements(second) { input in
        guard let input, let width = second?.shape.last else { return }
        weight.multiply(
          rows: rows.count, left: MatrixView(input + rows.lowerBound * width, stride: width),
          innerRange: inputChannels - width..<inputChannels, bias: bias, residual: UnsafePointer(result),
          activation: activation, result: result, resultStride: outputChannels)
      }
    }
  }

  /// The layer over [rows, inputChannels] -> [rows, outputChannels], on the calling thread. Counts no multiply-adds.
  package func multiply(
    rows: Int, _ input: UnsafePointer<Float>, activation: Activation = .none,
    result: UnsafeMutablePointer<Float>
  ) {
    borrowElements(bias) { bias in
      weight.multiply(
        rows: rows, left: MatrixView(input, stride: inputChannels), bias: bias, activation: activation,
        result: result, resultStride: outputChannels)
    }
  }

  /// Rows per piece of parallel work: whole kernel tiles, enough to amortise reading the weights from the second cache
  /// level, few enough to keep all threads busy.
  static let rowsPerPiece = 96
}
