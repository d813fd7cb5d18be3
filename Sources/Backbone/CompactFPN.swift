// The default model's backbone: a small RepVGG-style encoder, and a pyramid built from the coarse map after attention
// as in EfficientLoFTR (Wang et al. 2024, section 3.1; definition: training/model).
//
// Stem and down-sampling kernels are even and centred, so coarse cell i is centred on pixel 8 i + 3.5 and fine pixel k
// on 2 k + 0.5.

import Tensor

/// Settings: `block`, `channels` and `blocks` (three each, at 1/2, 1/4 and 1/8), `fineChannels`.
package struct CompactFPN: Backbone {
  private let stem: Convolution
  private let stages: [[any BackboneBlock]]
  private let downs: [Convolution]
  private let coarseProjection: Convolution
  private let middle: Merge
  private let fine: Merge
  private let fineProjection: Convolution

  package init(_ settings: Settings, from parameters: Parameters) throws {
    let block = try settings.choice("block", from: backboneBlocks)
    let channels = try settings.integers("channels")
    let blocks = try settings.integers("blocks", in: 0...64)
    guard channels.count == 3, blocks.count == 3 else {
      throw SettingsError.wrongKind(
        path: settings.at("channels"), expected: "three values, for 1/2, 1/4 and 1/8, as must 'blocks'")
    }
    fineChannels = try settings.integer("fineChannels")
    (lateralChannels, coarseChannels) = (Array(channels[0..<2]), channels[2])
    stem = try Convolution(
      1, channels[0], size: 6, stride: 2, padding: 2, convolution: parameters.scope("stem.conv"),
      norm: parameters.scope("stem.norm"))
    downs = try [1, 2].map { stage in
      let scope = parameters.scope("down\(stage + 1)")
      return try Convolution(
        channels[stage - 1], channels[stage], size: 4, stride: 2, padding: 1,
        convolution: scope.scope("conv"), norm: scope.scope("norm"))
    }
    stages = try (0..<3).map { stage in
      try (0..<blocks[stage]).map { index in
        let scope = parameters.scope("stage\(stage + 1)").scope("\(index)")
        return try block.init(channels[stage], channels[stage], stride: 1, from: scope)
      }
    }
    coarseProjection = try Convolution(
      channels[2], channels[2], size: 1, bias: true, from: parameters.scope("coarse_proj"))
    middle = try Merge(
      lateral: channels[1], above: channels[2], output: channels[1], level: 2, from: parameters)
    fine = try Merge(
      lateral: channels[0], above: channels[1], output: fineChannels, level: 1, from: parameters)
    fineProjection = try Convolution(
      fineChannels, fineChannels, size: 1, bias: true, from: parameters.scope("fine_proj"))
  }

  package let coarseChannels: Int
  package let lateralChannels: [Int]
  package let fineChannels: Int
  package let coarseGrid = SamplingGrid(stride: 8, offset: 3.5)
  package let fineGrid = SamplingGrid(stride: 2, offset: 0.5)
  package let sideMultiple = 8

  /// Zero mean, about unit deviation; the 0.02 keeps the noise of a flat image small.
  package func normalized(_ image: Tensor) -> Tensor {
    image.withElements { pixels in
      var (sum, squares) = (0.0, 0.0)
      for pixel in pixels { sum += Double(pixel) }
      let mean = sum / Double(pixels.count)
      for pixel in pixels { squares += (Double(pixel) - mean) * (Double(pixel) - mean) }
      let deviation = (squares / Double(max(1, pixels.count - 1))).squareRoot()
      let (shift, scale) = (Float(mean), Float(1 / (deviation + 0.02)))
      return Tensor(image.shape) { output in
        for index in 0..<pixels.count { output[index] = (pixels[index] - shift) * scale }
      }
    }
  }

  package func pyramid(of image: Tensor, on compute: Compute) -> Pyramid {
    var map = stem(image.reshaped(image.shape + [1]), activation: .relu, on: compute)
    var outputs: [Tensor] = []
    for (level, stage) in stages.enumerated() {
      if level > 0 { map = downs[level - 1](map, activation: .relu, on: compute) }
      for block in stage { map = block(map, on: compute) }
      outputs.append(map)
    }
    return Pyramid(coarse: coarseProjection(outputs[2], on: compute), laterals: Array(outputs[0..<2]))
  }

  package func fineMap(from pyramid: Pyramid, attended: Tensor, on compute: Compute) -> Tensor {
    let middleMap = middle(pyramid.laterals[1], above: attended, on: compute)
    return fine(pyramid.laterals[0], above: middleMap, projection: fineProjection, on: compute)
  }
}

/// One step up the pyramid, tile by tile: the projected lateral map plus the projected, up-sampled map above; smoothed.
private struct Merge: Sendable {
  private let lateralProjection: Convolution
  private let aboveProjection: Convolution
  private let smoothing: Convolution
  private let upsampling = BilinearUpsampling(factor: 2, alignment: .edges)

  init(lateral: Int, above: Int, output: Int, level: Int, from parameters: Parameters) throws {
    lateralProjection = try Convolution(
      lateral, output, size: 1, bias: true, from: parameters.scope("lateral\(level)"))
    aboveProjection = try Convolution(
      above, output, size: 1, bias: true, from: parameters.scope("up\(level + 1)"))
    let scope = parameters.scope("smooth\(level)")
    smoothing = try Convolution(
      output, output, size: 3, convolution: scope.scope("conv"), norm: scope.scope("norm"))
  }

  func callAsFunction(
    _ lateral: Tensor, above: Tensor, projection: Convolution? = nil, on compute: Compute
  ) -> Tensor {
    let above = aboveProjection(above, on: compute)
    let channels = smoothing.outputChannels
    // Few enough rows for a tile's maps to stay in the cache from one layer to the next.
    return RowTiles(halo: 1, bytes: 1 << 20, leastRows: 24).assemble(
      height: lateral.shape[0], width: lateral.shape[1], channels: projection?.outputChannels ?? channels,
      widest: channels, on: compute
    ) { rows in
      let raised = upsampling(above, rows: rows, cropWidth: lateral.shape[1], on: compute)
      let sum = lateralProjection(lateral.rows(rows), residual: raised, on: compute)
      let smooth = smoothing(sum, activation: .relu, on: compute)
      return projection.map { $0(smooth, on: compute) } ?? smooth
    }
  }
}
