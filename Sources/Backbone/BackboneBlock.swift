// The residual blocks of the backbone stages. A new block is one file that conforms to `BackboneBlock` and one line
// in `backboneBlocks`.

import Tensor

/// Values of `backbone.block` in a model file.
package let backboneBlocks: [String: any BackboneBlock.Type] = [
  "basic": BasicBlock.self,
  "repvgg": RepVGGBlock.self,
  "repvgg-branches": RepVGGBranchesBlock.self,
]

package protocol BackboneBlock: Sendable {
  /// `stride` 1 keeps the map's size, 2 halves it (rounding up).
  init(_ inputChannels: Int, _ outputChannels: Int, stride: Int, from parameters: Parameters) throws

  /// [height, width, inputChannels] -> [height / stride, width / stride, outputChannels].
  func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor
}

extension Convolution {
  init(
    _ inputChannels: Int, _ outputChannels: Int, size: Int, stride: Int = 1, padding: Int? = nil,
    convolution: Parameters, norm: Parameters
  ) throws {
    let kernel = try ConvolutionKernel(
      inputChannels, outputChannels, size: size, bias: false, from: convolution)
    let norm = try BatchNorm(outputChannels, from: norm)
    self.init(kernel.folding(norm), stride: stride, padding: padding)
  }

  init(
    _ inputChannels: Int, _ outputChannels: Int, size: Int, bias: Bool, from parameters: Parameters
  ) throws {
    self.init(
      try ConvolutionKernel(inputChannels, outputChannels, size: size, bias: bias, from: parameters))
  }
}
