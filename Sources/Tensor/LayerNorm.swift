// Layer norm over the channels of each row (Ba et al. 2016), epsilon 1e-5 as in PyTorch.

import CKernels

package struct LayerNorm: Sendable {
  private let scale: Tensor
  private let shift: Tensor
  private let epsilon: Float

  /// Reads `weight` and `bias`, each [channels].
  package init(_ channels: Int, epsilon: Float = 1e-5, from parameters: Parameters) throws {
    scale = try parameters.tensor("weight", [channels])
    shift = try parameters.tensor("bias", [channels])
    self.epsilon = epsilon
  }

  /// input [..., channels] -> the same shape; `residual`, of the same shape, is added after the norm.
  package func callAsFunction(_ input: Tensor, residual: Tensor? = nil, on compute: Compute) -> Tensor {
    let channels = scale.count
    precondition(input.shape.last == channels, "\(input.shape) for a norm of \(channels) channels")
    precondition(residual == nil || residual?.count == input.count, "residual differs in shape")
    let rows = input.count / channels
    return Tensor(input.shape) { output in
      borrowElements(input) { input in
        borrowElements(residual) { residual in
          guard let input, let output = output.baseAddress else { return }
          compute.parallelFor(rows, grain: 512) { piece in
            let start = piece.lowerBound * channels
            normalize(
              rows: piece.count, input + start, residual: residual.map { $0 + start }, result: output + start)
          }
        }
      }
    }
  }

  /// Normalises contiguous rows on the calling thread; `result` may be the input.
  func normalize(
    rows: Int, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?,
    result: UnsafeMutablePointer<Float>
  ) {
    borrowElements(scale, shift) { scale, shift in
      ck_layer_norm(
        input, scale.baseAddress, shift.baseAddress, residual, epsilon, rows, self.scale.count, result)
    }
  }
}
