// The residual blocks that backbone stages are made of. A new block is one file that conforms to
// `BackboneBlock` and one line in `backboneBlocks`.

import Tensor

/// The blocks that a model file may name under `backbone.block`.
package let backboneBlocks: [String: any BackboneBlock.Type] = [
  "basic": BasicBlock.self,
  "repvgg": RepVGGBlock.self,
  "repvgg-branches": RepVGGBranchesBlock.self,
]

/// A few convolutions that keep the map's size, or halve it.
package protocol BackboneBlock: Sendable {
  /// - Parameters:
  ///   - inputChannels: channels of the input map.
  ///   - outputChannels: channels of the output map.
  ///   - stride: 1 keeps the map's size, 2 halves it (rounding up).
  ///   - parameters: the block's own scope.
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

  /// A convolution as it stands in the file.
  init(
    _ inputChannels: Int, _ outputChannels: Int, size: Int, bias: Bool, from parameters: Parameters
  ) throws {
    self.init(
      try ConvolutionKernel(inputChannels, outputChannels, size: size, bias: bias, from: parameters))
  }
}
