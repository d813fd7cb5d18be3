// EfficientLoFTR's backbone (Wang et al. 2024, section 3.1; reference: the authors' src/loftr/backbone and
// loftr_module/fine_preprocess.py): RepVGG down to 1/8, then, after attention, a pyramid from the coarse map divided
// by the square root of its channels.
//
// The authors up-sample the last map from 1/2 to full size. Here only the windows that need it are up-sampled (see
// PixelThenHeatMapMatcher): the full map would be by far the largest tensor.

import Tensor

/// Settings: `block`, `channels` (three, at 1/2, 1/4 and 1/8), `blocks` (three, without the stem), `pixelOrigin`.
/// Tensors: layer0 to layer3; layer3_outconv, layer2_outconv, layer2_outconv2, layer1_outconv, layer1_outconv2.
package struct RepVGGFPN: Backbone {
  private let stem: any BackboneBlock
  private let stages: [[any BackboneBlock]]
  private let coarseProjection: Convolution
  private let middle: LoFTRMerge
  private let fine: LoFTRMerge

  package init(_ settings: Settings, from parameters: Parameters) throws {
    let block = try settings.choice("block", from: backboneBlocks)
    let channels = try settings.integers("channels")
    let blocks = try settings.integers("blocks", in: 1...64)
    guard channels.count == 3, blocks.count == 3 else {
      throw SettingsError.wrongKind(
        path: settings.at("channels"), expected: "three values, for 1/2, 1/4 and 1/8, as must 'blocks'")
    }
    stem = try block.init(1, channels[0], stride: 2, from: parameters.scope("layer0"))
    var input = channels[0]
    stages = try (0..<3).map { stage in
      defer { input = channels[stage] }
      return try (0..<blocks[stage]).map { index in
        try block.init(
          index == 0 ? input : channels[stage], channels[stage], stride: stage > 0 && index == 0 ? 2 : 1,
          from: parameters.scope("layer\(stage + 1)").scope("\(index)"))
      }
    }
    coarseProjection = Convolution(
      try ConvolutionKernel(
        channels[2], channels[2], size: 1, bias: false, from: parameters.scope("layer3_outconv")
      ).scaled(by: 1 / Double(channels[2]).squareRoot()))
    middle = try LoFTRMerge(
      lateral: channels[1], above: channels[2], name: "layer2_outconv", alignment: .edges, from: parameters)
    fine = try LoFTRMerge(
      lateral: channels[0], above: channels[1], name: "layer1_outconv", alignment: .edges, from: parameters)
    (lateralChannels, fineChannels, coarseChannels) = (Array(channels[0..<2]), channels[0], channels[2])
    let shift = try PixelOrigin(settings).shift
    coarseGrid = SamplingGrid(stride: 8, offset: 0, shift: shift)
    fineGrid = SamplingGrid(stride: 2, offset: 0, shift: shift)
  }

  package let coarseChannels: Int
  package let lateralChannels: [Int]
  package let fineChannels: Int
  /// Cells stand for the points training assigned them, half a cell from the middle of their pixels.
  package let coarseGrid: SamplingGrid
  package let fineGrid: SamplingGrid
  package let sideMultiple = 8
  package let padsWithZeros = true

  package func normalized(_ image: Tensor) -> Tensor { image }

  package func pyramid(of image: Tensor, on compute: Compute) -> Pyramid {
    var map = stem(image.reshaped(image.shape + [1]), on: compute)
    var outputs: [Tensor] = []
    for stage in stages {
      for block in stage { map = block(map, on: compute) }
      outputs.append(map)
    }
    return Pyramid(coarse: outputs[2], laterals: Array(outputs[0..<2]))
  }

  package func fineMap(from pyramid: Pyramid, attended: Tensor, on compute: Compute) -> Tensor {
    let middleMap = middle(
      pyramid.laterals[1], above: coarseProjection(attended, on: compute), on: compute)
    return fine(pyramid.laterals[0], above: middleMap, on: compute)
  }
}
