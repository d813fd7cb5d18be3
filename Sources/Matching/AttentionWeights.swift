// The learnt parts that every attention layer of LoFTR's family has.

import Tensor

/// Projections, feed-forward network and norms.
/// Tensors: q_proj, k_proj, v_proj, merge, mlp.0, mlp.2 (no biases), norm1, norm2.
struct AttentionWeights: Sendable {
  let heads: Int
  let query: Linear
  let key: Linear
  let value: Linear
  /// Mixes the heads' results.
  let merge: Linear
  /// The feed-forward network's first layer, from a token and its message: twice the channels of a token.
  let expand: Linear
  /// Its second layer, back to the channels of a token.
  let contract: Linear
  /// `norm1`; where it stands differs between the layers.
  let firstNorm: LayerNorm
  /// `norm2`, over the feed-forward network's result.
  let outputNorm: LayerNorm

  init(channels: Int, heads: Int, from parameters: Parameters) throws {
    func linear(_ inputs: Int, _ outputs: Int, _ name: String) throws -> Linear {
      try Linear(inputs, outputs, bias: false, from: parameters.scope(name))
    }
    self.heads = heads
    query = try linear(channels, channels, "q_proj")
    key = try linear(channels, channels, "k_proj")
    value = try linear(channels, channels, "v_proj")
    merge = try linear(channels, channels, "merge")
    expand = try linear(2 * channels, 2 * channels, "mlp.0")
    contract = try linear(2 * channels, channels, "mlp.2")
    firstNorm = try LayerNorm(channels, from: parameters.scope("norm1"))
    outputNorm = try LayerNorm(channels, from: parameters.scope("norm2"))
  }

  /// tokens + norm2(mlp([tokens, message])).
  func update(
    _ tokens: Tensor, with message: Tensor, activation: Activation, on compute: Compute
  ) -> Tensor {
    let hidden = expand(concatenating: tokens, message, activation: activation, on: compute)
    return outputNorm(contract(hidden, on: compute), residual: tokens, on: compute)
  }
}
