// Parallel convolutions as one (RepVGG, Ding et al. 2021, section 3.3).

extension ConvolutionKernel {
  /// The kernel of `convolution(x) + other(x)`, for a centred odd kernel no larger than this one.
  package func adding(_ other: ConvolutionKernel) -> ConvolutionKernel {
    precondition(
      other.inputChannels == inputChannels && other.outputChannels == outputChannels,
      "parallel convolutions have the same channels")
    precondition(
      size % 2 == 1 && other.size % 2 == 1 && other.size <= size, "kernels of \(size) and \(other.size)")
    var sum = self
    let margin = (size - other.size) / 2
    for map in 0..<outputChannels * inputChannels {
      for row in 0..<other.size {
        for column in 0..<other.size {
          sum.weight[(map * size + row + margin) * size + column + margin] +=
            other.weight[(map * other.size + row) * other.size + column]
        }
      }
    }
    for output in 0..<outputChannels { sum.bias[output] += other.bias[output] }
    return sum
  }

  /// The kernel of `factor * convolution(x)`.
  package func scaled(by factor: Double) -> ConvolutionKernel {
    var result = self
    for index in result.weight.indices { result.weight[index] *= factor }
    for index in result.bias.indices { result.bias[index] *= factor }
    return result
  }
}
