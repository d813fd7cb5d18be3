// Convolution, folded norms and window kernels against their naive twins.

import CKernels
import Tensor
import Testing

@Suite struct ConvolutionTests {
  static let geometries: [(size: Int, stride: Int, padding: Int)] = [
    (1, 1, 0), (1, 2, 0), (3, 1, 1), (3, 2, 1), (3, 1, 0), (3, 1, 2), (3, 3, 1), (4, 2, 1), (6, 2, 2),
    (7, 2, 3),
    (7, 1, 3), (1, 1, 1),
  ]

  @Test(arguments: geometries) func againstTwin(size: Int, stride: Int, padding: Int) throws {
    var random = SeededGenerator(size * 100 + stride * 10 + padding)
    let least = max(1, size - 2 * padding)
    for _ in 0..<8 {
      // From the smallest map that holds a window, often smaller than the window itself.
      let height = Int.random(in: least...least + 9, using: &random)
      let width = Int.random(in: least...least + 17, using: &random)
      let inputs = Int.random(in: 1...9, using: &random)
      let outputs = Int.random(in: 1...19, using: &random)
      let hasBias = Bool.random(using: &random)
      let map = random.tensor([height, width, inputs])
      let (weight, bias) = (random.tensor([outputs, inputs, size, size]), random.tensor([outputs]))
      let convolution = Convolution(
        try ConvolutionKernel(
          inputs, outputs, size: size, bias: hasBias,
          from: parameters(["conv": ["weight": weight, "bias": bias]]).scope("conv")),
        stride: stride, padding: padding)
      let twin = Naive.convolution(
        map, weight: weight, bias: hasBias ? bias.doubles : nil, stride: stride, padding: padding)
      let text = "\(height)x\(width), \(inputs) to \(outputs)"
      #expect([convolution.outputExtent(height), convolution.outputExtent(width), outputs] == twin.shape)
      let residual = random.tensor(twin.shape)
      for activation in [Activation.none, .relu, .leakyReLU] {
        expectClose(
          convolution(map, activation: activation, on: compute), twin.shape,
          Naive.activate(twin.values, activation), text)
        let sum = zip(twin.values, residual.doubles).map(+)
        expectClose(
          convolution(map, activation: activation, residual: residual, on: compute), twin.shape,
          Naive.activate(sum, activation), text)
      }
    }
  }

  @Test func paddingDefaultsToSameSize() throws {
    var random = SeededGenerator(1)
    let weight = random.tensor([2, 3, 3, 3])
    let kernel = try ConvolutionKernel(
      3, 2, size: 3, bias: false, from: Parameters(["weight": weight]))
    let map = random.tensor([5, 4, 3])
    let twin = Naive.convolution(map, weight: weight, bias: nil, stride: 1, padding: 1)
    expectClose(Convolution(kernel)(map, on: compute), [5, 4, 2], twin.values)
  }

  @Test(arguments: [1, 3, 5]) func batchNormFolds(size: Int) throws {
    var random = SeededGenerator(size)
    let (inputs, outputs) = (4, 7)
    let (weight, bias) = (random.tensor([outputs, inputs, size, size]), random.tensor([outputs]))
    let norm = random.batchNorm(outputs)
    let map = random.tensor([6, 5, inputs])
    let source = parameters(["conv": ["weight": weight, "bias": bias], "norm": norm])
    for hasBias in [false, true] {
      let kernel = try ConvolutionKernel(
        inputs, outputs, size: size, bias: hasBias, from: source.scope("conv"))
      let folded = Convolution(kernel.folding(try BatchNorm(outputs, from: source.scope("norm"))))
      let plain = Naive.convolution(
        map, weight: weight, bias: hasBias ? bias.doubles : nil, stride: 1, padding: size / 2)
      expectClose(folded(map, on: compute), plain.shape, Naive.batchNorm(plain.values, norm))
    }
  }

  @Test(arguments: [1, 3]) func identityFolds(size: Int) throws {
    var random = SeededGenerator(size)
    let channels = 6
    let weight = random.tensor([channels, channels, size, size])
    let (norm, identity) = (random.batchNorm(channels), random.batchNorm(channels))
    let map = random.tensor([5, 7, channels])
    let source = parameters(["conv": ["weight": weight], "norm": norm, "identity": identity])
    let kernel = try ConvolutionKernel(
      channels, channels, size: size, bias: false, from: source.scope("conv")
    )
    .folding(try BatchNorm(channels, from: source.scope("norm")))
    .addingIdentity(try BatchNorm(channels, from: source.scope("identity")))
    let plain = Naive.convolution(map, weight: weight, bias: nil, stride: 1, padding: size / 2)
    let expected = zip(Naive.batchNorm(plain.values, norm), Naive.batchNorm(map.doubles, identity)).map(+)
    expectClose(Convolution(kernel)(map, on: compute), plain.shape, expected)
    try source.verify()
  }

  @Test func sameBitsOnAnyNumberOfThreads() throws {
    var random = SeededGenerator(5)
    let map = random.tensor([61, 53, 17])
    for size in [1, 3] {
      let kernel = try ConvolutionKernel(
        17, 23, size: size, bias: false, from: Parameters(["weight": random.tensor([23, 17, size, size])]))
      let convolution = Convolution(kernel)
      let single = convolution(map, activation: .relu, on: Compute(threads: 1)).values.map(\.bitPattern)
      for threads in 2...4 {
        #expect(
          convolution(map, activation: .relu, on: Compute(threads: threads)).values.map(\.bitPattern)
            == single)
      }
    }
  }

  @Test(arguments: geometries) func gatheredWindows(size: Int, stride: Int, padding: Int) {
    var random = SeededGenerator(size + 10 * stride)
    let (height, width, channels) = (max(1, size - 2 * padding) + 4, max(1, size - 2 * padding) + 1, 3)
    let map = random.tensor([height, width, channels])
    let outputHeight = (height + 2 * padding - size) / stride + 1
    let outputWidth = (width + 2 * padding - size) / stride + 1
    let window = ck_window(
      height: height, width: width, channels: channels, kernel: size, stride: stride, padding: padding,
      output_width: outputWidth)
    // A piece in the middle, so that its first window begins anywhere in a row.
    for first in 0..<min(outputWidth + 1, outputHeight * outputWidth) {
      let count = outputHeight * outputWidth - first
      let patches = kernelOutput(count * size * size * channels) { output in
        withGuards(map) { ck_gather_patches($0, window, first, count, output) }
      }
      let values = map.values
      var expected: [Float] = []
      for pixel in first..<first + count {
        for tap in 0..<size * size {
          let y = pixel / outputWidth * stride - padding + tap / size
          let x = pixel % outputWidth * stride - padding + tap % size
          let inside = 0..<height ~= y && 0..<width ~= x
          for channel in 0..<channels {
            expected.append(inside ? values[(y * width + x) * channels + channel] : 0)
          }
        }
      }
      #expect(patches == expected, "from window \(first)")
    }
  }
}
