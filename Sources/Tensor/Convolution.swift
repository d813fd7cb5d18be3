// 2-D convolution over [height, width, channels] maps by gathering windows and multiplying matrices.
//
// Batch norm and parallel identity branches are folded into the kernel when it is loaded (RepVGG, Ding et al.
// 2021, section 3.3), so that inference sees one convolution with a bias.

import CKernels

/// Weights and bias of a convolution, in PyTorch's layout, before they are packed for speed.
public struct ConvolutionKernel: Sendable {
  /// Channels of the input map.
  public let inputChannels: Int
  /// Channels of the output map.
  public let outputChannels: Int
  /// Side of the square window, pixels.
  public let size: Int
  /// [outputChannels, inputChannels, size, size], in double precision while branches are folded.
  var weight: [Double]
  /// [outputChannels].
  var bias: [Double]

  /// Reads `weight` [outputChannels, inputChannels, size, size] and, where asked for, `bias` [outputChannels].
  public init(
    _ inputChannels: Int, _ outputChannels: Int, size: Int, bias: Bool, from parameters: Parameters
  ) throws {
    let weight = try parameters.tensor("weight", [outputChannels, inputChannels, size, size])
    self.bias =
      bias
      ? try parameters.tensor("bias", [outputChannels]).values.map(Double.init)
      : Array(repeating: 0, count: outputChannels)
    self.weight = weight.values.map(Double.init)
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.size = size
  }

  /// The kernel of `norm(convolution(x))`.
  public func folding(_ norm: BatchNorm) -> ConvolutionKernel {
    precondition(norm.channels == outputChannels, "batch norm of \(norm.channels) channels")
    var folded = self
    let perOutput = inputChannels * size * size
    for output in 0..<outputChannels {
      for index in output * perOutput..<(output + 1) * perOutput {
        folded.weight[index] *= norm.scale[output]
      }
      folded.bias[output] = bias[output] * norm.scale[output] + norm.shift[output]
    }
    return folded
  }

  /// The kernel of `convolution(x) + norm(x)`, for a convolution that keeps size and channels.
  public func addingIdentity(_ norm: BatchNorm) -> ConvolutionKernel {
    precondition(inputChannels == outputChannels && size % 2 == 1, "an identity needs an odd, square kernel")
    var sum = self
    let centre = size * size / 2
    for channel in 0..<outputChannels {
      sum.weight[(channel * inputChannels + channel) * size * size + centre] += norm.scale[channel]
      sum.bias[channel] += norm.shift[channel]
    }
    return sum
  }
}

/// Batch norm in evaluation mode, reduced to one scale and one shift a channel.
public struct BatchNorm: Sendable {
  let scale: [Double]
  let shift: [Double]
  /// Channels that it normalises.
  public var channels: Int { scale.count }

  /// Reads `weight`, `bias`, `running_mean` and `running_var`, each [channels].
  public init(_ channels: Int, epsilon: Double = 1e-5, from parameters: Parameters) throws {
    func read(_ name: String) throws -> [Double] {
      try parameters.tensor(name, [channels]).values.map(Double.init)
    }
    let (weight, bias) = (try read("weight"), try read("bias"))
    let (mean, variance) = (try read("running_mean"), try read("running_var"))
    let scale = zip(weight, variance).map { $0 / ($1 + epsilon).squareRoot() }
    self.scale = scale
    shift = (0..<channels).map { bias[$0] - mean[$0] * scale[$0] }
  }
}

/// A convolution ready to run.
public struct Convolution: Sendable {
  /// Channels of the input map.
  public let inputChannels: Int
  /// Channels of the output map.
  public let outputChannels: Int
  private let size: Int
  private let stride: Int
  private let padding: Int
  /// (size * size * inputChannels, outputChannels), rows in the order (kernel row, kernel column, channel).
  private let weight: PackedMatrix
  private let bias: Tensor

  /// - Parameters:
  ///   - kernel: weights with everything folded in.
  ///   - stride: input pixels from one window to the next.
  ///   - padding: zeros around the map; nil for (size - 1) / 2.
  public init(_ kernel: ConvolutionKernel, stride: Int = 1, padding: Int? = nil) {
    self.init(kernel, stride: stride, padding: padding, instructions: .widest)
  }

  init(_ kernel: ConvolutionKernel, stride: Int, padding: Int?, instructions: InstructionSet) {
    let (inputs, outputs, area) = (kernel.inputChannels, kernel.outputChannels, kernel.size * kernel.size)
    inputChannels = inputs
    outputChannels = outputs
    size = kernel.size
    self.stride = stride
    self.padding = padding ?? (kernel.size - 1) / 2
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

  /// Extent of the output map for an input extent (PyTorch's floor rule).
  public func outputExtent(_ extent: Int) -> Int { (extent + 2 * padding - size) / stride + 1 }

  /// map [height, width, inputChannels] -> [outputExtent(height), outputExtent(width), outputChannels]:
  /// activation(convolution + bias + residual).
  public func callAsFunction(
    _ map: Tensor, activation: Activation = .none, residual: Tensor? = nil, on compute: Compute
  ) -> Tensor {
    let (height, width) = (map.shape[0], map.shape[1])
    precondition(
      map.shape.count == 3 && map.shape[2] == inputChannels, "map \(map.shape) for \(inputChannels)")
    let (outputHeight, outputWidth) = (outputExtent(height), outputExtent(width))
    let shape = [outputHeight, outputWidth, outputChannels]
    precondition(residual == nil || residual?.shape == shape, "residual differs in shape")
    let window = ck_window(
      height: height, width: width, channels: inputChannels, kernel: size, stride: stride, padding: padding,
      output_width: outputWidth)
    let patch = size * size * inputChannels
    compute.count(multiplyAdds: outputHeight * outputWidth * outputChannels * patch)
    // A 1x1 convolution of stride 1 finds its windows lying in the map as they are.
    let inPlace = size == 1 && stride == 1 && padding == 0
    // Windows of one piece stay within the second cache level (about 512 KB).
    let grain = max(24, min(Linear.rowsPerPiece, (1 << 17) / patch))
    return Tensor(shape) { output in
      borrowElements(map) { map in
        borrowElements(residual) { residual in
          guard let output = output.baseAddress, let map else { return }
          compute.parallelFor(outputHeight * outputWidth, grain: grain) { piece in
            let start = piece.lowerBound * outputChannels
            let multiply = { (windows: UnsafePointer<Float>) in
              borrowElements(bias) { bias in
                weight.multiply(
                  rows: piece.count, left: MatrixView(windows, stride: patch), bias: bias,
                  residual: residual.map { $0 + start }, activation: activation, result: output + start,
                  resultStride: outputChannels)
              }
            }
            if inPlace {
              multiply(map + piece.lowerBound * patch)
            } else {
              withUnsafeTemporaryAllocation(byteCount: piece.count * patch * 4, alignment: 64) { scratch in
                let windows = scratch.bindMemory(to: Float.self)
                guard let windows = windows.baseAddress else { return }
                ck_gather_patches(map, window, piece.lowerBound, piece.count, windows)
                multiply(windows)
              }
            }
          }
        }
      }
    }
  }
}
