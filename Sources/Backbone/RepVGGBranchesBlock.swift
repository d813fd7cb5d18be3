// RepVGG's training-time block (Ding et al. 2021, section 3.2) as in EfficientLoFTR's checkpoints: a 3x3 and a 1x1
// convolution and, where size and channels stay, an identity, each with batch norm; folded into one convolution on
// loading. Files whose branches are folded already work as well.

import Tensor

/// relu(norm(conv3x3(x)) + norm(conv1x1(x)) + norm(x)). Tensors: rbr_dense.conv/bn, rbr_1x1.conv/bn, rbr_identity; or
/// the folded convolution, rbr_reparam.
package struct RepVGGBranchesBlock: BackboneBlock {
  private let convolution: Convolution

  package init(
    _ inputChannels: Int, _ outputChannels: Int, stride: Int, from parameters: Parameters
  ) throws {
    func branch(_ name: String, size: Int) throws -> ConvolutionKernel {
      let scope = parameters.scope(name)
      return try ConvolutionKernel(
        inputChannels, outputChannels, size: size, bias: false, from: scope.scope("conv")
      ).folding(try BatchNorm(outputChannels, from: scope.scope("bn")))
    }
    if parameters.contains("rbr_reparam.weight") {
      convolution = Convolution(
        try ConvolutionKernel(
          inputChannels, outputChannels, size: 3, bias: true, from: parameters.scope("rbr_reparam")),
        stride: stride)
      return
    }
    var kernel = try branch("rbr_dense", size: 3).adding(try branch("rbr_1x1", size: 1))
    if stride == 1 && inputChannels == outputChannels {
      kernel = kernel.addingIdentity(try BatchNorm(outputChannels, from: parameters.scope("rbr_identity")))
    }
    convolution = Convolution(kernel, stride: stride)
  }

  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor {
    convolution(map, activation: .relu, on: compute)
  }
}
