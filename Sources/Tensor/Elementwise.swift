// Element-wise functions of whole tensors, and softmax over their rows.

import CKernels

extension Tensor {
  /// elu(x) + 1, the positive feature map of linear attention (Katharopoulos et al. 2020, eq. 7).
  package func eluPlusOne(on compute: Compute) -> Tensor {
    mapped(on: compute) { input, output, count in ck_elu_plus_one(input, count, output) }
  }

  /// Softmax of `factor` times each row of the last dimension.
  package func softmax(factor: Float = 1, on compute: Compute) -> Tensor {
    let channels = shape.last ?? 1
    return Tensor(shape) { output in
      borrowElements(self) { input in
        guard let input, let output = output.baseAddress, channels > 0 else { return }
        compute.parallelFor(count / channels, grain: 64) { piece in
          let (start, length) = (piece.lowerBound * channels, piece.count * channels)
          (output + start).update(from: input + start, count: length)
          ck_softmax(output + start, factor, piece.count, channels)
        }
      }
    }
  }

  /// The element-wise sum of two tensors of the same shape.
  package func adding(_ other: Tensor, on compute: Compute) -> Tensor {
    precondition(shape == other.shape, "cannot add \(other.shape) to \(shape)")
    return Tensor(shape) { output in
      borrowElements(self, other) { left, right in
        guard let output = output.baseAddress else { return }
        compute.parallelFor(count, grain: 1 << 15) { piece in
          for index in piece { output[index] = left[index] + right[index] }
        }
      }
    }
  }

  private func mapped(
    on compute: Compute, _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    Tensor(shape) { output in
      borrowElements(self) { input in
        guard let input, let output = output.baseAddress else { return }
        compute.parallelFor(count, grain: 1 << 15) { piece in
          function(input + piece.lowerBound, output + piece.lowerBound, piece.count)
        }
      }
    }
  }
}
