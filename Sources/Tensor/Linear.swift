// Affine map of token rows: y = x W^T + b, with bias, residual and activation applied in the same pass.

import CKernels

/// A linear layer over rows of channels.
public struct Linear: Sendable {
  /// Channels of an input row.
  public let inputChannels: Int
  /// Channels of an output row.
  public let outputChannels: Int
  /// (inputChannels, outputChannels): PyTorch's weight transposed, so that rows stream through it.
  private let weight: Tensor
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
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    inputChannels = inputs
    outputChannels = outputs
    self.weight = weight.withElements { source in
      Tensor([inputs, outputs]) { target in
        for output in 0..<outputs {
          for input in 0..<inputs { target[input * outputs + output] = source[output * inputs + input] }
        }
      }
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
        let result = output + piece.lowerBound * outputChannels
        var channel = 0
        for (input, width) in zip(inputs, widths) {
          borrowElements(input, weight) { input, weight in
            guard let input = input.baseAddress, let weight = weight.baseAddress else { return }
            matrixProduct(
              rows: piece.count, columns: outputChannels, inner: width,
              left: MatrixView(input + piece.lowerBound * width, stride: width),
              right: MatrixView(weight + channel * outputChannels, stride: outputChannels),
              accumulate: channel > 0, result: result, resultStride: outputChannels)
          }
          channel += width
        }
        borrowElements(bias) { bias in
          borrowElements(residual) { residual in
            ck_bias_residual_activation(
              result, bias, residual.map { $0 + piece.lowerBound * outputChannels }, piece.count,
              outputChannels, activation.kernel)
          }
        }
      }
    }
  }

  /// Rows that one piece of parallel work takes: enough to amortise packing the weights.
  static let rowsPerPiece = 256
}
