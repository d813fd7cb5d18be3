// Convolution as a matrix product whose left rows are the windows, read in place: each pixel row of a window is
// contiguous in memory. No im2col; where windows are larger than a pixel, a block of the map is copied with its border
// so that no window leaves it.

import CKernels

struct DirectConvolution: ConvolutionMethod {
  private let geometry: ConvolutionGeometry
  private let inputChannels: Int
  private let outputChannels: Int
  /// (size * size * inputChannels, outputChannels), rows in the order (kernel row, kernel column, channel).
  private let weight: PackedMatrix
  private let bias: Tensor

  init(_ kernel: ConvolutionKernel, _ geometry: ConvolutionGeometry, _ instructions: InstructionSet) {
    let (inputs, outputs, area) = (kernel.inputChannels, kernel.outputChannels, kernel.size * kernel.size)
    self.geometry = geometry
    (inputChannels, outputChannels) = (inputs, outputs)
    bias = Tensor([outputs], values: kernel.bias.map(Float.init))
    let matrix = Tensor([area * inputs, outputs]) { matrix in
      for output in 0..<outputs {
        for input in 0..<inputs {
          for tap in 0..<area {
            matrix[(tap * inputs + input) * outputs + output] =
              Float(kernel.weight[(output * inputs + input) * area + tap])
          }
        }
      }
    }
    weight = matrix.withElements { matrix in
      guard let matrix = matrix.baseAddress else { preconditionFailure("a convolution without weights") }
      return PackedMatrix(
        MatrixView(matrix, stride: outputs), inner: area * inputs, columns: outputs,
        instructions: instructions)
    }
  }

  func run(_ maps: ConvolutionMaps, on compute: Compute) {
    if geometry.size == 1 && geometry.padding == 0 {
      runInPlace(maps, on: compute)
    } else {
      runInBlocks(maps, on: compute)
    }
  }

  /// Windows of one pixel need no border.
  private func runInPlace(_ maps: ConvolutionMaps, on compute: Compute) {
    let stride = geometry.stride
    // At stride 1 the map is one long row.
    let isOneRow = stride == 1
    let rows = isOneRow ? maps.outputHeight * maps.outputWidth : maps.outputWidth
    let runs = isOneRow ? 1 : maps.outputHeight
    let rowsPerPiece = isOneRow ? Linear.rowsPerPiece : rows
    compute.parallelFor(runs * rows, grain: rowsPerPiece) { piece in
      let run = piece.lowerBound / rows
      var product = product(maps, at: piece.lowerBound)
      (product.runs, product.rows) = (1, piece.count)
      (product.segments, product.length) = (1, inputChannels)
      product.left =
        maps.source + (run * stride * maps.width + piece.lowerBound % rows * stride) * inputChannels
      product.left_row = stride * inputChannels
      multiply(&product)
    }
  }

  private func runInBlocks(_ maps: ConvolutionMaps, on compute: Compute) {
    let (size, stride) = (geometry.size, geometry.stride)
    let blocks = Blocks(maps, geometry, channels: inputChannels)
    let most = blocks.inputExtent(blocks.height) * blocks.inputExtent(blocks.width) * inputChannels
    compute.parallelFor(blocks.rows * blocks.columns, grain: 1) { piece in
      withUnsafeTemporaryAllocation(byteCount: most * MemoryLayout<Float>.stride, alignment: 64) { scratch in
        guard let block = scratch.bindMemory(to: Float.self).baseAddress else { return }
        for index in piece {
          let y = index / blocks.columns * blocks.height
          let x = index % blocks.columns * blocks.width
          let height = min(blocks.height, maps.outputHeight - y)
          let width = min(blocks.width, maps.outputWidth - x)
          let inputWidth = blocks.inputExtent(width)
          ck_copy_block(
            maps.source, maps.height, maps.width, inputChannels, y * stride - geometry.padding,
            x * stride - geometry.padding, blocks.inputExtent(height), inputWidth, block)
          var product = product(maps, at: y * maps.outputWidth + x)
          (product.runs, product.rows) = (height, width)
          (product.segments, product.length) = (size, size * inputChannels)
          product.left = UnsafePointer(block)
          product.left_row = stride * inputChannels
          product.left_segment = inputWidth * inputChannels
          product.left_run = stride * inputWidth * inputChannels
          multiply(&product)
        }
      }
    }
  }

  /// A product that writes from output pixel `pixel` on; the caller sets the left operand and the extents.
  private func product(_ maps: ConvolutionMaps, at pixel: Int) -> ck_product {
    var product = ck_product()
    (product.columns, product.right_inner, product.left_inner) = (outputChannels, weight.inner, 1)
    (product.scale, product.activation) = (1, maps.activation.kernel)
    product.residual = maps.residual.map { $0 + pixel * outputChannels }
    product.result = maps.output + pixel * outputChannels
    (product.result_row, product.result_run) = (outputChannels, maps.outputWidth * outputChannels)
    return product
  }

  private func multiply(_ product: inout ck_product) {
    borrowElements(bias) { bias in
      product.bias = bias
      weight.multiply(&product)
    }
  }
}

/// How the output of a convolution is cut for parallel work.
private struct Blocks {
  /// Output pixels of a block; smaller at the right and bottom edge.
  let height, width: Int
  let rows, columns: Int
  private let geometry: ConvolutionGeometry

  /// Widest block, output pixels: a few tiles of the kernels.
  private static let mostWidth = 56
  /// A block's input stays in the second cache level (256 KB).
  private static let mostElements = 1 << 16
  /// Enough blocks for threads to share evenly.
  private static let leastCount = 32

  init(_ maps: ConvolutionMaps, _ geometry: ConvolutionGeometry, channels: Int) {
    self.geometry = geometry
    let across = (maps.outputWidth + Self.mostWidth - 1) / Self.mostWidth
    // An even width: tiles of the kernels have even heights.
    width = ((maps.outputWidth + across - 1) / across + 1) & ~1
    columns = (maps.outputWidth + width - 1) / width
    let elementsPerRow = ((width - 1) * geometry.stride + geometry.size) * channels
    let affordable = (Self.mostElements / elementsPerRow - geometry.size) / geometry.stride + 1
    let shared = (maps.outputHeight * columns + Self.leastCount - 1) / Self.leastCount
    height = max(1, min(affordable, shared))
    rows = (maps.outputHeight + height - 1) / height
  }

  /// Input pixels covered by `extent` output pixels.
  func inputExtent(_ extent: Int) -> Int { (extent - 1) * geometry.stride + geometry.size }
}
