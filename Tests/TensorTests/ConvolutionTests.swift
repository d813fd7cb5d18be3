// Convolution, folded norms and window kernels against their naive twins.

import CKernels
import Testing
import TestSupport

@testable import Tensor

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
      let kernel = try ConvolutionKernel(
        inputs, outputs, size: size, bias: hasBias,
        from: parameters(["conv": ["weight": weight, "bias": bias]]).scope("conv"))
      let twin = Naive.convolution(
        map, weight: weight, bias: hasBias ? bias.doubles : nil, stride: stride, padding: padding)
      let text = "\(height)x\(width), \(inputs) to \(outputs)"
      let residual = random.tensor(twin.shape)
      let sum = zip(twin.values, residual.doubles).map(+)
      for set in ProductTests.sets {
        let convolution = Convolution(kernel, stride: stride, padding: padding, instructions: set)
        #expect([convolution.outputExtent(height), convolution.outputExtent(width), outputs] == twin.shape)
        for activation in [Activation.none, .relu, .leakyReLU] {
          expectClose(
            convolution(map, activation: activation, on: compute), twin.shape,
            Naive.activate(twin.values, activation), "\(set), \(text)")
          expectClose(
            convolution(map, activation: activation, residual: residual, on: compute), twin.shape,
            Naive.activate(sum, activation), "\(set), \(text), residual")
        }
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

  /// Maps of several blocks both ways, their edges within the map.
  @Test(arguments: [(3, 1, 1), (3, 2, 1), (7, 2, 3), (1, 2, 0), (1, 1, 0)]) func severalBlocks(
    size: Int, stride: Int, padding: Int
  ) throws {
    var random = SeededGenerator(size + stride)
    for (height, width, inputs, outputs) in [(9, 250, 2, 3), (140, 7, 3, 2)] {
      let (map, weight) = (
        random.tensor([height, width, inputs]), random.tensor([outputs, inputs, size, size])
      )
      let kernel = try ConvolutionKernel(
        inputs, outputs, size: size, bias: false, from: Parameters(["weight": weight]))
      let twin = Naive.convolution(map, weight: weight, bias: nil, stride: stride, padding: padding)
      expectClose(
        Convolution(kernel, stride: stride, padding: padding)(map, on: compute), twin.shape, twin.values)
    }
  }

  @Test func copiedBlocks() {
    var random = SeededGenerator(7)
    for _ in 0..<200 {
      let (height, width) = (Int.random(in: 1...6, using: &random), Int.random(in: 1...6, using: &random))
      let (top, left) = (Int.random(in: -9...9, using: &random), Int.random(in: -9...9, using: &random))
      let (rows, columns) = (Int.random(in: 1...8, using: &random), Int.random(in: 1...8, using: &random))
      let channels = Int.random(in: 1...3, using: &random)
      let map = random.tensor([height, width, channels])
      let block = kernelOutput(rows * columns * channels) { block in
        withGuards(map) { ck_copy_block($0, height, width, channels, top, left, rows, columns, block) }
      }
      let values = map.values
      let expected: [Float] = (0..<rows * columns * channels).map { index in
        let (y, x) = (top + index / channels / columns, left + index / channels % columns)
        guard 0..<height ~= y, 0..<width ~= x else { return 0 }
        return values[(y * width + x) * channels + index % channels]
      }
      #expect(block == expected, "\(rows)x\(columns) from \(top), \(left) of \(height)x\(width)")
    }
  }
}
