// One step up the pyramid of LoFTR (Sun et al. 2021, supplement) and EfficientLoFTR, tile by tile.

import Tensor

/// The projected lateral map plus the up-sampled map above, then two convolutions. Tensors: `name`; `name`2.0, .1, .3.
struct LoFTRMerge: Sendable {
  private let projection: Convolution
  private let first: Convolution
  private let second: Convolution
  private let upsampling: BilinearUpsampling

  /// `lateral` (also of the result) and `above` are channels; `name` is the lateral projection's.
  init(lateral: Int, above: Int, name: String, alignment: Alignment, from parameters: Parameters) throws {
    projection = try Convolution(lateral, above, size: 1, bias: false, from: parameters.scope(name))
    let scope = parameters.scope(name + "2")
    first = try Convolution(above, above, size: 3, convolution: scope.scope("0"), norm: scope.scope("1"))
    second = try Convolution(above, lateral, size: 3, bias: false, from: scope.scope("3"))
    upsampling = BilinearUpsampling(factor: 2, alignment: alignment)
  }

  /// lateral [height, width, lateral], above [height / 2 (rounded up), width / 2, above] -> the shape of `lateral`.
  func callAsFunction(
    _ lateral: Tensor, above: Tensor, tiles: RowTiles = RowTiles(halo: 2), on compute: Compute
  ) -> Tensor {
    tiles.assemble(
      height: lateral.shape[0], width: lateral.shape[1], channels: second.outputChannels,
      widest: first.outputChannels, on: compute
    ) { rows in
      let raised = upsampling(above, rows: rows, cropWidth: lateral.shape[1], on: compute)
      let sum = projection(lateral.rows(rows), residual: raised, on: compute)
      return second(first(sum, activation: .leakyReLU, on: compute), on: compute)
    }
  }
}
