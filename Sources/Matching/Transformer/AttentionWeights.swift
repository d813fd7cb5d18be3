// The learnt parts shared by all attention layers of LoFTR's family.

import Tensor

/// Tensors: q_proj, k_proj, v_proj, merge, mlp.0, mlp.2 (no biases), norm1, norm2.
struct AttentionWeights: Sendable {
  let heads: Int
  let query: Linear
  let key: Linear
  let value: Linear
  let merge: Linear
  /// `norm1`; layers apply it at different points.
  let firstNorm: LayerNorm
  /// `mlp` and `norm2`; the hidden layer has twice a token's channels.
  private let feedForward: FeedForward

  init(channels: Int, heads: Int, from parameters: Parameters) throws {
    func linear(_ inputs: Int, _ outputs: Int, _ name: String) throws -> Linear {
      try Linear(inputs, outputs, bias: false, from: parameters.scope(name))
    }
    self.heads = heads
    query = try linear(channels, channels, "q_proj")
    key = try linear(channels, channels, "k_proj")
    value = try linear(channels, channels, "v_proj")
    merge = try linear(channels, channels, "merge")
    firstNorm = try LayerNorm(channels, from: parameters.scope("norm1"))
    feedForward = FeedForward(
      expand: try linear(2 * channels, 2 * channels, "mlp.0"),
      contract: try linear(2 * channels, channels, "mlp.2"),
      norm: try LayerNorm(channels, from: parameters.scope("norm2")))
  }

  /// tokens + norm2(mlp([tokens, message])).
  func update(
    _ tokens: Tensor, with message: Tensor, activation: Activation, on compute: Compute
  ) -> Tensor {
    feedForward(concatenating: tokens, message, activation: activation, residual: tokens, on: compute)
  }
}
