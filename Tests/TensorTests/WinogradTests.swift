// Winograd's method against the direct sum in double precision, with every instruction set that this CPU has.

import CKernels
import Testing
import TestSupport

@testable import Tensor

@Suite struct WinogradTests {
  /// Rounding grows in the transforms: several times the direct sum's error.
  static let tolerance = 1e-5

  @Test(arguments: ProductTests.sets, [0, 1, 2, 3]) func againstTwin(set: InstructionSet, padding: Int) throws
  {
    var random = SeededGenerator(padding)
    let least = Int(ck_vector_width(set.kernel))
    for turn in 0..<12 {
      // From a single output pixel on; a map may be smaller than a tile, or end inside of one.
      let smallest = max(1, 3 - 2 * padding)
      let height = Int.random(in: smallest...smallest + (turn < 6 ? 4 : 13), using: &random)
      let width = Int.random(in: smallest...smallest + (turn < 6 ? 4 : 13), using: &random)
      let inputs = least + Int.random(in: 0...least + 3, using: &random)
      let outputs = least + Int.random(in: 0...least + 3, using: &random)
      let map = random.tensor([height, width, inputs])
      let (weight, bias) = (random.tensor([outputs, inputs, 3, 3]), random.tensor([outputs]))
      let kernel = try ConvolutionKernel(
        inputs, outputs, size: 3, bias: true, from: Parameters(["weight": weight, "bias": bias]))
      let twin = Naive.convolution(map, weight: weight, bias: bias.doubles, stride: 1, padding: padding)
      let residual = random.tensor(twin.shape)
      let convolution = Convolution(
        kernel, stride: 1, padding: padding, instructions: set, method: WinogradConvolution.self)
      let text = "\(height)x\(width), \(inputs) to \(outputs)"
      for activation in ProductTests.activations {
        expectClose(
          convolution(map, activation: activation, on: compute), twin.shape,
          Naive.activate(twin.values, activation), within: Self.tolerance, text)
        expectClose(
          convolution(map, activation: activation, residual: residual, on: compute), twin.shape,
          Naive.activate(zip(twin.values, residual.doubles).map(+), activation), within: Self.tolerance, text)
      }
    }
  }

  @Test func chosenForManyChannelsOnly() throws {
    func error(_ channels: Int, size: Int, stride: Int) throws -> Double {
      var random = SeededGenerator(3)
      let kernel = try ConvolutionKernel(
        channels, channels, size: size, bias: false,
        from: Parameters(["weight": random.tensor([channels, channels, size, size])]))
      let map = random.tensor([9, 10, channels])
      let chosen = Convolution(kernel, stride: stride)(map, on: compute)
      let direct = Convolution(
        kernel, stride: stride, padding: nil, instructions: .widest, method: DirectConvolution.self)
      return relativeError(chosen.values, direct(map, on: compute).doubles)
    }
    // The methods round differently: equal bits tell that both are the direct sum.
    let many = WinogradConvolution.leastChannels
    #expect(try error(many - 1, size: 3, stride: 1) == 0)
    #expect(try error(many, size: 3, stride: 2) == 0)
    #expect(try error(many, size: 1, stride: 1) == 0)
    let error = try error(many, size: 3, stride: 1)
    #expect(error > 0 && error < Self.tolerance)
  }

  @Test(arguments: ProductTests.sets) func sameBitsOnAnyNumberOfThreads(set: InstructionSet) throws {
    var random = SeededGenerator(5)
    let kernel = try ConvolutionKernel(
      17, 19, size: 3, bias: false, from: Parameters(["weight": random.tensor([19, 17, 3, 3])]))
    let convolution = Convolution(
      kernel, stride: 1, padding: 1, instructions: set, method: WinogradConvolution.self)
    let map = random.tensor([61, 53, 17])
    let single = convolution(map, activation: .relu, on: Compute(threads: 1)).values.map(\.bitPattern)
    for threads in 2...4 {
      let several = convolution(map, activation: .relu, on: Compute(threads: threads))
      #expect(several.values.map(\.bitPattern) == single)
    }
  }

  /// The transforms write every place of the tiles that they are given, and nothing else.
  @Test(arguments: ProductTests.sets) func writesItsTilesOnly(set: InstructionSet) {
    var random = SeededGenerator(6)
    let channels = Int(ck_vector_width(set.kernel)) + 1
    let map = random.tensor([6, 9, channels])
    let stride = 2 * channels + 5
    var tiles = ck_winograd_tiles(
      height: 6, width: 9, channels: channels, padding: 1, across: 3, first: 2, count: 2,
      place_stride: stride,
      tile_stride: channels)
    let transformed = kernelOutput(CK_WINOGRAD_PLACES * stride) { output in
      withGuards(map) { map in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: CK_WINOGRAD_PLACES * channels) { scratch in
          guard let scratch = scratch.baseAddress else { return }
          ck_winograd_input(set.kernel, map, &tiles, scratch, output)
        }
      }
    }
    for (index, value) in transformed.enumerated() {
      #expect(value.isNaN == (index % stride >= 2 * channels), "element \(index)")
    }
    (tiles.padding, tiles.first, tiles.count) = (0, 2, 1)
    let products = random.tensor([CK_WINOGRAD_PLACES * stride])
    let output = kernelOutput(map.count) { output in
      borrowElements(products, map) { products, bias in
        ck_winograd_output(
          set.kernel, products.baseAddress, &tiles, bias.baseAddress, nil, CK_ACTIVATION_NONE, output)
      }
    }
    for (index, value) in output.enumerated() {
      let (y, x) = (index / channels / 9, index / channels % 9)
      #expect(value.isNaN == !(y < 4 && x >= 8), "pixel \(y), \(x)")
    }
  }
}
