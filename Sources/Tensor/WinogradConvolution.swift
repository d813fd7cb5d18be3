// 3x3 convolution at stride 1 by Winograd's F(4x4, 3x3): a quarter of the direct sum's multiplications, at the price
// of two transforms and four times the memory for weights (see CKWinograd.h).
//
// A piece of work is a few dozen tiles: few enough for their transforms to stay in the second cache level, enough to
// reuse the weights that stream through it.

import CKernels

struct WinogradConvolution: ConvolutionMethod {
  private let padding: Int
  private let inputChannels: Int
  private let outputChannels: Int
  /// The transformed kernels (inputChannels, outputChannels), one per position in a tile.
  private let weights: [PackedMatrix]
  private let bias: Tensor
  private let instructions: InstructionSet

  /// With fewer channels, the transforms cost more than they save.
  static let leastChannels = 32

  /// Whether this method can compute the convolution.
  static func canRun(_ kernel: ConvolutionKernel, _ geometry: ConvolutionGeometry, _ set: InstructionSet)
    -> Bool
  {
    let least = ck_vector_width(set.kernel)
    return geometry.size == 3 && geometry.stride == 1
      && min(kernel.inputChannels, kernel.outputChannels) >= least
  }

  /// Whether it is then faster.
  static func isWorthIt(_ kernel: ConvolutionKernel, _ geometry: ConvolutionGeometry, _ set: InstructionSet)
    -> Bool
  {
    canRun(kernel, geometry, set) && min(kernel.inputChannels, kernel.outputChannels) >= leastChannels
  }

  init(_ kernel: ConvolutionKernel, _ geometry: ConvolutionGeometry, _ instructions: InstructionSet) {
    precondition(Self.canRun(kernel, geometry, instructions), "not a convolution for Winograd's method")
    let (inputs, outputs) = (kernel.inputChannels, kernel.outputChannels)
    (inputChannels, outputChannels, padding) = (inputs, outputs, geometry.padding)
    self.instructions = instructions
    bias = Tensor([outputs], values: kernel.bias.map(Float.init))
    let placeStride = Self.placeStride(inputs * outputs)
    let transformed = Tensor([CK_WINOGRAD_PLACES, placeStride]) { transformed in
      ck_winograd_kernels(kernel.weight, inputs, outputs, placeStride, transformed.baseAddress)
    }
    weights = transformed.withElements { transformed in
      guard let base = transformed.baseAddress else { return [] }
      return (0..<CK_WINOGRAD_PLACES).map { place in
        PackedMatrix(
          MatrixView(base + place * placeStride, stride: outputs), inner: inputs, columns: outputs,
          instructions: instructions)
      }
    }
  }

  func run(_ maps: ConvolutionMaps, on compute: Compute) {
    let tile = CK_WINOGRAD_TILE
    let across = (maps.outputWidth + tile - 1) / tile
    let tiles = across * ((maps.outputHeight + tile - 1) / tile)
    let pieces = max(min(Self.leastPieces, tiles / 8), (tiles + Self.mostTiles - 1) / Self.mostTiles, 1)
    // Even, as the kernels' row tiles are.
    let grain = ((tiles + pieces - 1) / pieces + 1) & ~1
    // Rows of whole vectors: aligned, and without a remainder for the product to handle.
    let inputRow = ck_whole_columns(instructions.kernel, inputChannels)
    let outputRow = ck_whole_columns(instructions.kernel, outputChannels)
    let (inputStride, outputStride) = (
      Self.placeStride(grain * inputRow), Self.placeStride(grain * outputRow)
    )
    let scratchCount = CK_WINOGRAD_PLACES * (inputStride + outputStride + inputChannels)
    compute.parallelFor(tiles, grain: grain) { piece in
      withUnsafeTemporaryAllocation(byteCount: scratchCount * MemoryLayout<Float>.stride, alignment: 64) {
        guard let transformed = $0.bindMemory(to: Float.self).baseAddress else { return }
        let products = transformed + CK_WINOGRAD_PLACES * inputStride
        let border = products + CK_WINOGRAD_PLACES * outputStride
        var tiles = ck_winograd_tiles(
          height: maps.height, width: maps.width, channels: inputChannels, padding: padding, across: across,
          first: piece.lowerBound, count: piece.count, place_stride: inputStride, tile_stride: inputRow)
        ck_winograd_input(instructions.kernel, maps.source, &tiles, border, transformed)
        var product = ck_product()
        (product.runs, product.rows, product.columns) = (1, piece.count, outputRow)
        (product.segments, product.length, product.right_inner) = (1, inputChannels, inputChannels)
        (product.left_row, product.left_inner, product.scale) = (inputRow, 1, 1)
        product.result_row = outputRow
        for (place, weight) in weights.enumerated() {
          product.left = UnsafePointer(transformed + place * inputStride)
          product.result = products + place * outputStride
          weight.multiply(&product)
        }
        (tiles.height, tiles.width, tiles.channels) = (maps.outputHeight, maps.outputWidth, outputChannels)
        (tiles.padding, tiles.place_stride, tiles.tile_stride) = (0, outputStride, outputRow)
        borrowElements(bias) { bias in
          ck_winograd_output(
            instructions.kernel, products, &tiles, bias, maps.residual, maps.activation.kernel, maps.output)
        }
      }
    }
  }

  /// Whole pages plus one cache line for `count` elements, against cache conflicts in the transforms.
  private static func placeStride(_ count: Int) -> Int { (count + 1023) / 1024 * 1024 + 16 }

  private static let mostTiles = 32
  /// Enough pieces for threads to share evenly.
  private static let leastPieces = 12
}
