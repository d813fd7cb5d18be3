// ResNet's basic block (He et al. 2016) as LoFTR uses it: two 3x3 convolutions with batch norm, and a shortcut, which
// is a 1x1 convolution where the block halves the map.

import Tensor

/// relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)). Tensors: conv1, bn1, conv2, bn2, downsample.0/1.
package struct BasicBlock: BackboneBlock {
  private let first: Convolution
  private let second: Convolution
  private let shortcut: Convolution?

  /// A block of stride 1 must keep its channels.
  package init(
    _ inputChannels: Int, _ outputChannels: Int, stride: Int, from parameters: Parameters
  ) throws {
    guard stride > 1 || inputChannels == outputChannels else {
      throw SettingsError.outOfRange(
        path: "backbone.channels", value: Double(outputChannels),
        allowed: "\(inputChannels), as a basic block of stride 1 keeps its channels")
    }
    first = try Convolution(
      inputChannels, outputChannels, size: 3, stride: stride, convolution: parameters.scope("conv1"),
      norm: parameters.scope("bn1"))
    second = try Convolution(
      outputChannels, outputChannels, size: 3, convolution: parameters.scope("conv2"),
      norm: parameters.scope("bn2"))
    shortcut =
      stride == 1
      ? nil
      : try Convolution(
        inputChannels, outputChannels, size: 1, stride: stride,
        convolution: parameters.scope("downsample.0"), norm: parameters.scope("downsample.1"))
  }

  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor {
    let residual = shortcut.map { $0(map, on: compute) } ?? map
    return second(
      first(map, activation: .relu, on: compute), activation: .relu, residual: residual, on: compute)
  }
}
