// Affine map of token rows: y = x W^T + b, with bias, residual and activation applied in the same pass.

/// A linear layer over rows of channels.
public struct Linear: Sendable {
  /// Channels of an input row.
  public let inputChannels: Int
  /// Channels of an output row.
  public let outputChannels: Int
  private let weight: PackedMatrix
  private let bias: Tensor?

  /// Reads `weight` [outputChannels, inputChannels] and, where `bias` is true, `bias` [outputChannels].
  public init(_ inputChannels: Int, _ outputChannels: Int, bias: Bool, from parameters: Parameters) throws {
    let weight = try parameters.tensor("weight", [outputChannels, inputChannels])
    let shift = bias ? try parameters.tensor("bias", [outputChannels]) : nil
    self.init(weight: weight, bias: shift)
  }

  /// - Parameters:
  ///   - weight: [outputChannels, inputChannels], PyTorch's layout.
  ///   - bias: [outputChannels] or nil.
  public init(weight: Tensor, bias: Tensor?) {
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
  public func callAsFunction(
    _ input: Tensor, activation: Activation = .none, residual: Tensor? = nil, on compute: Compute
  ) -> Tensor {
    apply([input], activation: activation, residual: residual, on: compute)
  }

  /// The layer over the channel-wise concatenation of `first` and `second`, which is never formed.
  public func callAsFunction(
    concatenating first: Tensor, _ second: Tensor, activation: Activation = .none, on compute: Compute
  ) -> Tensor {
    apply([first, second], activation: activation, residual: nil, on: compute)
  }

  private func apply(
    _ inputs: [Tensor], activation: Activation, residual: Tensor?, on compute: Compute
  ) -> Tensor {
    let widths = inputs.map { $0.shape.last ?? 1 }
    precondition(widths.reduce(0, +) == inputChannels, "\(widths) channels for a layer of \(inputChannels)")
    let rows = inputs[0].count / widths[0]
    precondition(zip(inputs, widths).allSatisfy { $0.count == rows * $1 }, "inputs differ in rows")
    let shape = inputs[0].shape.dropLast() + [outputChannels]
    precondition(residual == nil || residual?.count == rows * outputChannels, "residual differs in shape")
    compute.count(multiplyAdds: rows * inputChannels * outputChannels)
    return Tensor(Array(shape)) { output in
      guard let output = output.baseAddress else { return }
      compute.parallelFor(rows, grain: Linear.rowsPerPiece) { piece in
        let start = piece.lowerBound * outputChannels
        var channel = 0
        for (input, width) in zip(inputs, widths) {
          let (isFirst, isLast) = (channel == 0, channel + width == inputChannels)
          borrowElements(input) { input in
            borrowElements(bias) { bias in
              borrowElements(residual) { residual in
                guard let input else { return }
                weight.multiply(
                  rows: piece.count, left: MatrixView(input + piece.lowerBound * width, stride: width),
                  innerRange: channel..<channel + width, bias: isLast ? bias : nil,
                  residual: isFirst ? residual.map { $0 + start } : UnsafePointer(output + start),
                  activation: isLast ? activation : .none, result: output + start,
                  resultStride: outputChannels)
              }
            }
          }
          channel += width
        }
      }
    }
  }

  /// Rows that one piece of parallel work takes: whole tiles of the kernels, enough for the weights to be read from
  /// the second cache level, few enough that all threads have work.
  static let rowsPerPiece = 96
}
