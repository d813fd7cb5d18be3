// Aggregated attention (EfficientLoFTR, Wang et al. 2024, section 3.2; definition: training/model): softmax
// attention among tokens that stand for a square of cells each, so that its cost falls with the fourth power of
// the square's side.

import Tensor

/// x + norm2(mlp([x, up(merge(attention(norm1(aggregate(x)), norm1(pool(source)))))])), rotary encoding of
/// queries and keys in self-attention only. Settings: `aggregation` (cells a side), `rotary` (optional).
/// Tensors: aggregate, norm1, q_proj, k_proj, v_proj, merge, mlp.0, mlp.2, norm2.
public struct AggregatedAttentionLayer: AttentionLayer {
  private let heads: Int
  private let aggregate: DepthwiseAggregation
  private let pool: MaxPooling
  private let upsampling: BilinearUpsampling
  private let rotary: RotaryEncoding?
  private let inputNorm: LayerNorm
  private let queryProjection: Linear
  private let keyProjection: Linear
  private let valueProjection: Linear
  private let merge: Linear
  private let expand: Linear
  private let contract: Linear
  private let outputNorm: LayerNorm

  /// See `AttentionLayer`.
  public init(
    role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters
  ) throws {
    func linear(_ inputs: Int, _ outputs: Int, _ name: String) throws -> Linear {
      try Linear(inputs, outputs, bias: false, from: parameters.scope(name))
    }
    let aggregation = try settings.integer("aggregation", in: 2...16)
    self.heads = heads
    gridMultiple = aggregation
    aggregate = try DepthwiseAggregation(channels, size: aggregation, from: parameters.scope("aggregate"))
    pool = MaxPooling(size: aggregation)
    upsampling = BilinearUpsampling(factor: aggregation, alignment: .edges)
    let rotary = try settings.optionalGroup("rotary").map { try RotaryEncoding($0) }
    self.rotary = role == .self ? rotary : nil
    inputNorm = try LayerNorm(channels, from: parameters.scope("norm1"))
    queryProjection = try linear(channels, channels, "q_proj")
    keyProjection = try linear(channels, channels, "k_proj")
    valueProjection = try linear(channels, channels, "v_proj")
    merge = try linear(channels, channels, "merge")
    expand = try linear(2 * channels, 2 * channels, "mlp.0")
    contract = try linear(2 * channels, channels, "mlp.2")
    outputNorm = try LayerNorm(channels, from: parameters.scope("norm2"))
  }

  /// Cells a side of the square that one token stands for.
  public let gridMultiple: Int

  /// See `AttentionLayer`; one sequence.
  public func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor {
    precondition(tokens.shape[0] == 1 && source.shape[0] == 1, "aggregated attention takes one sequence")
    let map = tokens.reshaped(Array(tokens.shape.dropFirst()))
    let sourceMap = source.reshaped(Array(source.shape.dropFirst()))
    let x = inputNorm(aggregate(map, on: compute), on: compute)
    let y = inputNorm(pool(sourceMap, on: compute), on: compute)
    var (queries, keys) = (queryProjection(x, on: compute), keyProjection(y, on: compute))
    if let rotary {
      queries = rotary(queries, heads: heads, on: compute)
      keys = rotary(keys, heads: heads, on: compute)
    }
    let message = softmaxAttention(
      queries: queries.asSequence, keys: keys.asSequence, values: valueProjection(y, on: compute).asSequence,
      heads: heads, on: compute)
    let merged = merge(message, on: compute).reshaped(x.shape)
    let raised = upsampling(merged, on: compute)
    let hidden = expand(concatenating: map, raised, activation: .leakyReLU, on: compute)
    return outputNorm(contract(hidden, on: compute), residual: map, on: compute).reshaped(tokens.shape)
  }
}

extension Tensor {
  /// [height, width, channels] -> [1, height * width, channels].
  fileprivate var asSequence: Tensor { reshaped([1, shape[0] * shape[1], shape[2]]) }
}
