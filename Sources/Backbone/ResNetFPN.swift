// LoFTR's backbone, ResNetFPN 8/2 (Sun et al. 2021, section 3.1 and supplement; reference: kornia's
// feature/loftr/backbone/resnet_fpn.py).
//
// Every kernel is odd and centred, so coarse cell i sits on pixel 8 i and fine pixel k on pixel 2 k. Any image size
// works: maps round up, and an up-sampled map is cropped to its lateral.

import Tensor

/// Settings: `block`, `initialChannels`, `channels` (three, at 1/2, 1/4 and 1/8), `pixelOrigin`.
package struct ResNetFPN: Backbone {
  private let stem: Convolution
  /// Two blocks each.
  private let stages: [[any BackboneBlock]]
  private let coarseProjection: Convolution
  private let middle: LoFTRMerge
  private let fine: LoFTRMerge

  package init(_ settings: Settings, from parameters: Parameters) throws {
    let block = try settings.choice("block", from: backboneBlocks)
    let initial = try settings.integer("initialChannels")
    let channels = try settings.integers("channels")
    guard channels.count == 3 else {
      throw SettingsError.wrongKind(
        path: settings.at("channels"), expected: "three values, for 1/2, 1/4 and 1/8")
    }
    stem = try Convolution(
      1, initial, size: 7, stride: 2, convolution: parameters.scope("conv1"), norm: parameters.scope("bn1"))
    var input = initial
    stages = try (0..<3).map { stage in
      defer { input = channels[stage] }
      let scope = parameters.scope("layer\(stage + 1)")
      return [
        try block.init(input, channels[stage], stride: stage == 0 ? 1 : 2, from: scope.scope("0")),
        try block.init(channels[stage], channels[stage], stride: 1, from: scope.scope("1")),
      ]
    }
    coarseProjection = try Convolution(
      channels[2], channels[2], size: 1, bias: false, from: parameters.scope("layer3_outconv"))
    middle = try LoFTRMerge(
      lateral: channels[1], above: channels[2], name: "layer2_outconv", alignment: .cornerPixels,
      from: parameters)
    fine = try LoFTRMerge(
      lateral: channels[0], above: channels[1], name: "layer1_outconv", alignment: .cornerPixels,
      from: parameters)
    (lateralChannels, fineChannels, coarseChannels) = (Array(channels[0..<2]), channels[0], channels[2])
    coarseGrid = SamplingGrid(stride: 8, offset: 0, shift: try PixelOrigin(settings).shift)
  }

  package let coarseChannels: Int
  package let lateralChannels: [Int]
  package let fineChannels: Int
  package let coarseGrid: SamplingGrid
  package let fineGrid = SamplingGrid(stride: 2, offset: 0)
  package let sideMultiple = 1

  package func normalized(_ image: Tensor) -> Tensor { image }

  package func pyramid(of image: Tensor, on compute: Compute) -> Pyramid {
    var map = stem(image.reshaped(image.shape + [1]), activation: .relu, on: compute)
    var outputs: [Tensor] = []
    for stage in stages {
      for block in stage { map = block(map, on: compute) }
      outputs.append(map)
    }
    return Pyramid(coarse: coarseProjection(outputs[2], on: compute), laterals: Array(outputs[0..<2]))
  }

  /// LoFTR's fine map does not depend on attention.
  package func fineMap(from pyramid: Pyramid, attended: Tensor, on compute: Compute) -> Tensor {
    let middleMap = middle(pyramid.laterals[1], above: pyramid.coarse, on: compute)
    return fine(pyramid.laterals[0], above: middleMap, on: compute)
  }
}
