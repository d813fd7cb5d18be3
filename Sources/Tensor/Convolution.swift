// 2-D convolution over [height, width, channels] maps.

package struct Convolution: Sendable {
  package let inputChannels: Int
  package let outputChannels: Int
  private let geometry: ConvolutionGeometry
  private let method: any ConvolutionMethod

  /// `stride` and `padding` in pixels; nil pads by (size - 1) / 2.
  package init(_ kernel: ConvolutionKernel, stride: Int = 1, padding: Int? = nil) {
    self.init(kernel, stride: stride, padding: padding, instructions: .widest)
  }

  /// For tests: with this instruction set, and this method instead of the presumably fastest.
  init(
    _ kernel: ConvolutionKernel, stride: Int, padding: Int?, instructions: InstructionSet,
    method: (any ConvolutionMethod.Type)? = nil
  ) {
    inputChannels = kernel.inputChannels
    outputChannels = kernel.outputChannels
    geometry = ConvolutionGeometry(
      size: kernel.size, stride: stride, padding: padding ?? (kernel.size - 1) / 2)
    let fastest: any ConvolutionMethod.Type =
      WinogradConvolution.isWorthIt(kernel, geometry, instructions)
      ? WinogradConvolution.self : DirectConvolution.self
    self.method = (method ?? fastest).init(kernel, geometry, instructions)
  }

  /// Extent of the output map for an input extent (PyTorch's floor rule).
  package func outputExtent(_ extent: Int) -> Int { geometry.outputExtent(extent) }

  /// map [height, width, inputChannels] -> [outputExtent(height), outputExtent(width), outputChannels]:
  /// activation(convolution + bias + residual).
  package func callAsFunction(
    _ map: Tensor, activation: Activation = .none, residual: Tensor? = nil, on compute: Compute
  ) -> Tensor {
    precondition(
      map.shape.count == 3 && map.shape[2] == inputChannels, "map \(map.shape) for \(inputChannels)")
    let shape = [outputExtent(map.shape[0]), outputExtent(map.shape[1]), outputChannels]
    precondition(residual == nil || residual?.shape == shape, "residual differs in shape")
    compute.count(
      multiplyAdds: Tensor.elementCount(shape) * inputChannels * geometry.size * geometry.size)
    return Tensor(shape) { output in
      borrowElements(map) { source in
        borrowElements(residual) { residual in
          guard let source, let output = output.baseAddress, !shape.contains(0) else { return }
          let maps = ConvolutionMaps(
            height: map.shape[0], width: map.shape[1], outputHeight: shape[0], outputWidth: shape[1],
            source: source, residual: residual, activation: activation, output: output)
          method.run(maps, on: compute)
        }
      }
    }
  }
}

struct ConvolutionGeometry: Sendable {
  /// Side of the square window, in pixels.
  let size: Int
  let stride: Int
  /// Zeros on each side, in pixels.
  let padding: Int

  func outputExtent(_ extent: Int) -> Int { (extent + 2 * padding - size) / stride + 1 }
}

struct ConvolutionMaps {
  let height, width, outputHeight, outputWidth: Int
  let source: UnsafePointer<Float>
  let residual: UnsafePointer<Float>?
  let activation: Activation
  let output: UnsafeMutablePointer<Float>
}

/// One way to compute a convolution.
protocol ConvolutionMethod: Sendable {
  init(_ kernel: ConvolutionKernel, _ geometry: ConvolutionGeometry, _ instructions: InstructionSet)

  func run(_ maps: ConvolutionMaps, on compute: Compute)
}
