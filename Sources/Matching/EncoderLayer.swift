// LoFTR's encoder layer (Sun et al. 2021, section 3.2 and figure 3; reference: kornia's
// feature/loftr/loftr_module/transformer.py) around either of two attention functions.

import Tensor

/// x + norm2(mlp([x, norm1(merge(attention(x, source)))])).
/// Tensors: q_proj, k_proj, v_proj, merge, mlp.0, mlp.2, norm1, norm2.
struct EncoderLayer: Sendable {
  private let heads: Int
  private let queryProjection: Linear
  private let keyProjection: Linear
  private let valueProjection: Linear
  private let merge: Linear
  private let expand: Linear
  private let contract: Linear
  private let attentionNorm: LayerNorm
  private let outputNorm: LayerNorm

  init(channels: Int, heads: Int, from parameters: Parameters) throws {
    func linear(_ inputs: Int, _ outputs: Int, _ name: String) throws -> Linear {
      try Linear(inputs, outputs, bias: false, from: parameters.scope(name))
    }
    self.heads = heads
    queryProjection = try linear(channels, channels, "q_proj")
    keyProjection = try linear(channels, channels, "k_proj")
    valueProjection = try linear(channels, channels, "v_proj")
    merge = try linear(channels, channels, "merge")
    expand = try linear(2 * channels, 2 * channels, "mlp.0")
    contract = try linear(2 * channels, channels, "mlp.2")
    attentionNorm = try LayerNorm(channels, from: parameters.scope("norm1"))
    outputNorm = try LayerNorm(channels, from: parameters.scope("norm2"))
  }

  typealias Attention = (
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, _ heads: Int, _ compute: Compute
  ) -> Tensor

  func callAsFunction(
    _ tokens: Tensor, attendingTo source: Tensor, by attention: Attention, on compute: Compute
  ) -> Tensor {
    let x = tokens.flattenedGrid
    let y = source.flattenedGrid
    let message = attention(
      queryProjection(x, on: compute), keyProjection(y, on: compute), valueProjection(y, on: compute), heads,
      compute)
    let merged = attentionNorm(merge(message, on: compute), on: compute)
    let hidden = expand(concatenating: x, merged, activation: .relu, on: compute)
    return outputNorm(contract(hidden, on: compute), residual: x, on: compute).reshaped(tokens.shape)
  }
}

extension Tensor {
  /// [sequences, height, width, channels] -> [sequences, height * width, channels].
  var flattenedGrid: Tensor { reshaped([shape[0], shape[1] * shape[2], shape[3]]) }
}

/// LoFTR's layer with linear attention, its default.
public struct LinearEncoderLayer: AttentionLayer {
  private let layer: EncoderLayer

  /// See `AttentionLayer`.
  public init(
    role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters
  ) throws {
    layer = try EncoderLayer(channels: channels, heads: heads, from: parameters)
  }

  /// Any grid will do.
  public let gridMultiple = 1

  /// See `AttentionLayer`.
  public func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor {
    layer(
      tokens, attendingTo: source,
      by: { linearAttention(queries: $0, keys: $1, values: $2, heads: $3, on: $4) }, on: compute)
  }
}

/// LoFTR's layer with full softmax attention: its cost grows with the square of the tokens.
public struct SoftmaxEncoderLayer: AttentionLayer {
  private let layer: EncoderLayer

  /// See `AttentionLayer`.
  public init(
    role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters
  ) throws {
    layer = try EncoderLayer(channels: channels, heads: heads, from: parameters)
  }

  /// Any grid will do.
  public let gridMultiple = 1

  /// See `AttentionLayer`.
  public func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor {
    layer(
      tokens, attendingTo: source,
      by: { softmaxAttention(queries: $0, keys: $1, values: $2, heads: $3, on: $4) }, on: compute)
  }
}
