// The weights of a convolution as stored in a model file, and what is folded into them on loading: batch norm and
// parallel identity branches (RepVGG, Ding et al. 2021, section 3.3), so that inference sees one convolution with bias.

package struct ConvolutionKernel: Sendable {
  package let inputChannels: Int
  package let outputChannels: Int
  /// Side of the square window, in pixels.
  package let size: Int
  /// [outputChannels, inputChannels, size, size] as in PyTorch; double precision for folding.
  var weight: [Double]
  /// [outputChannels].
  var bias: [Double]

  /// Reads `weight` [outputChannels, inputChannels, size, size] and, if `bias`, `bias` [outputChannels].
  package init(
    _ inputChannels: Int, _ outputChannels: Int, size: Int, bias: Bool, from parameters: Parameters
  ) throws {
    let weight = try parameters.tensor("weight", [outputChannels, inputChannels, size, size])
    self.bias =
      bias
      ? try parameters.tensor("bias", [outputChannels]).values.map(Double.init)
      : Array(repeating: 0, count: outputChannels)
    self.weight = weight.values.map(Double.init)
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.size = size
  }

  /// The kernel of `norm(convolution(x))`.
  package func folding(_ norm: BatchNorm) -> ConvolutionKernel {
    precondition(norm.channels == outputChannels, "batch norm of \(norm.channels) channels")
    var folded = self
    let perOutput = inputChannels * size * size
    for output in 0..<outputChannels {
      for index in output * perOutput..<(output + 1) * perOutput {
        folded.weight[index] *= norm.scale[output]
      }
      folded.bias[output] = bias[output] * norm.scale[output] + norm.shift[output]
    }
    return folded
  }

  /// The kernel of `convolution(x) + norm(x)`, for a convolution that keeps size and channels.
  package func addingIdentity(_ norm: BatchNorm) -> ConvolutionKernel {
    precondition(inputChannels == outputChannels && size % 2 == 1, "an identity needs an odd, square kernel")
    var sum = self
    let centre = size * size / 2
    for channel in 0..<outputChannels {
      sum.weight[(channel * inputChannels + channel) * size * size + centre] += norm.scale[channel]
      sum.bias[channel] += norm.shift[channel]
    }
    return sum
  }
}

/// Batch norm in evaluation mode, reduced to one scale and one shift per channel.
package struct BatchNorm: Sendable {
  let scale: [Double]
  let shift: [Double]
  package var channels: Int { scale.count }

  /// Reads `weight`, `bias`, `running_mean` and `running_var`, each [channels].
  package init(_ channels: Int, epsilon: Double = 1e-5, from parameters: Parameters) throws {
    func read(_ name: String) throws -> [Double] {
      try parameters.tensor(name, [channels]).values.map(Double.init)
    }
    let (weight, bias) = (try read("weight"), try read("bias"))
    let (mean, variance) = (try read("running_mean"), try read("running_var"))
    let scale = zip(weight, variance).map { $0 / ($1 + epsilon).squareRoot() }
    self.scale = scale
    shift = (0..<channels).map { bias[$0] - mean[$0] * scale[$0] }
  }
}
