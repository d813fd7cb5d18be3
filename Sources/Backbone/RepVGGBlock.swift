// RepVGG's block (Ding et al. 2021) with two branches, folded into one convolution on loading: a 3x3 convolution and,
// where size and channels stay, an identity, each with batch norm.

import Tensor

/// relu(norm(conv(x)) + identity_norm(x)). Tensors: conv, norm, identity_norm.
package struct RepVGGBlock: BackboneBlock {
  private let convolution: Convolution

  package init(
    _ inputChannels: Int, _ outputChannels: Int, stride: Int, from parameters: Parameters
  ) throws {
    var kernel = try ConvolutionKernel(
      inputChannels, outputChannels, size: 3, bias: false, from: parameters.scope("conv")
    ).folding(try BatchNorm(outputChannels, from: parameters.scope("norm")))
    if stride == 1 && inputChannels == outputChannels {
      kernel = kernel.addingIdentity(try BatchNorm(outputChannels, from: parameters.scope("identity_norm")))
    }
    convolution = Convolution(kernel, stride: stride)
  }

  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor {
    convolution(map, activation: .relu, on: compute)
  }
}
