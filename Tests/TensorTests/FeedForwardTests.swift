// The feed-forward network row by row against its layers one after the other.

import Tensor
import Testing
import TestSupport

@Suite struct FeedForwardTests {
  /// Rows below, at and beyond a piece of work.
  @Test(arguments: [1, 7, 96, 97, 300], [Activation.relu, .leakyReLU])
  func isItsLayersOneAfterTheOther(rows: Int, activation: Activation) throws {
    var random = SeededGenerator(rows)
    let (first, second) = (random.tensor([rows, 12]), random.tensor([rows, 5]))
    let residual = random.tensor([rows, 12])
    let expand = Linear(weight: random.tensor([30, 17]), bias: random.tensor([30]))
    let contract = Linear(weight: random.tensor([12, 30]), bias: nil)
    let norm = try LayerNorm(
      12,
      from: parameters(["norm": ["weight": random.tensor([12]), "bias": random.tensor([12])]]).scope("norm"))
    let feedForward = FeedForward(expand: expand, contract: contract, norm: norm)
    let result = feedForward(
      concatenating: first, second, activation: activation, residual: residual, on: compute)
    let hidden = expand(concatenating: first, second, activation: activation, on: compute)
    let expected = norm(contract(hidden, on: compute), residual: residual, on: compute)
    #expect(result.shape == [rows, 12])
    #expect(result.values == expected.values)
  }
}
