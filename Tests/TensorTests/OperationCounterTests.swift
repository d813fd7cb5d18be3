// Multiply-adds as counted by hand from the layers' definitions.

import Tensor
import Testing

@Suite struct OperationCounterTests {
  /// The multiply-adds that `work` reports.
  private func counted(_ work: (Compute) throws -> Void) rethrows -> Int {
    let counter = OperationCounter()
    try work(Compute(threads: 2, counter: counter))
    return counter.multiplyAdds
  }

  @Test(arguments: [(1, 1, 0), (3, 1, 1), (3, 2, 1), (4, 2, 1), (6, 2, 2)])
  func convolution(size: Int, stride: Int, padding: Int) throws {
    let weight = Tensor([7, 5, size, size], repeating: 1)
    let kernel = try ConvolutionKernel(5, 7, size: size, bias: false, from: Parameters(["weight": weight]))
    let map = Tensor([13, 18, 5], repeating: 1)
    let convolution = Convolution(kernel, stride: stride, padding: padding)
    let outputs = convolution.outputExtent(13) * convolution.outputExtent(18)
    let count = counted { _ = convolution(map, activation: .relu, on: $0) }
    #expect(count == outputs * 7 * 5 * size * size)
  }

  @Test func linear() {
    let layer = Linear(weight: Tensor([6, 4], repeating: 1), bias: nil)
    #expect(counted { _ = layer(Tensor([3, 5, 4], repeating: 1), on: $0) } == 15 * 4 * 6)
    let (left, right) = (Tensor([9, 1], repeating: 1), Tensor([9, 3], repeating: 1))
    #expect(counted { _ = layer(concatenating: left, right, on: $0) } == 9 * 4 * 6)
  }

  @Test func depthwise() throws {
    let weight = Tensor([8, 1, 3, 3], repeating: 1)
    let layer = try DepthwiseAggregation(8, size: 3, from: Parameters(["weight": weight]))
    #expect(counted { _ = layer(Tensor([10, 6, 8], repeating: 1), on: $0) } == 3 * 2 * 8 * 9)
  }

  @Test func nothingIsCountedWithoutCounter() {
    let (counter, layer) = (OperationCounter(), Linear(weight: Tensor([6, 4], repeating: 1), bias: nil))
    _ = layer(Tensor([3, 4], repeating: 1), on: Compute(threads: 2))
    #expect(counter.multiplyAdds == 0)
  }
}
