// Aggregated attention (EfficientLoFTR, Wang et al. 2024, section 3.2; definition: training/model): softmax
// attention among tokens that stand for a square of cells each, so that its cost falls with the fourth power of
// the square's side.

import Tensor

/// x + norm2(mlp([x, up(merge(attention(norm1(aggregate(x)), norm1(pool(source)))))])), rotary encoding of
/// queries and keys in self-attention only. Settings: `aggregation` (cells a side), `rotary` (optional).
/// Tensors: aggregate, norm1, q_proj, k_proj, v_proj, merge, mlp.0, mlp.2, norm2.
public struct AggregatedAttentionLayer: AttentionLayer {
  private let weights: AttentionWeights
  private let aggregate: DepthwiseAggregation
  private let pool: MaxPooling
  private let upsampling: BilinearUpsampling
  private let rotary: (any TokenRotation)?

  /// See `AttentionLayer`.
  public init(
    role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters
  ) throws {
    let aggregation = try settings.integer("aggregation", in: 2...16)
    gridMultiple = aggregation
    weights = try AttentionWeights(channels: channels, heads: heads, from: parameters)
    aggregate = try DepthwiseAggregation(channels, size: aggregation, from: parameters.scope("aggregate"))
    pool = MaxPooling(size: aggregation)
    upsampling = BilinearUpsampling(factor: aggregation, alignment: .edges)
    let rotary = try settings.optionalGroup("rotary").map { try makeTokenRotation($0) }
    self.rotary = role == .self ? rotary : nil
  }

  /// Cells a side of the square that one token stands for.
  public let gridMultiple: Int

  /// See `AttentionLayer`; one sequence.
  public func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor {
    precondition(tokens.shape[0] == 1 && source.shape[0] == 1, "aggregated attention takes one sequence")
    let map = tokens.reshaped(Array(tokens.shape.dropFirst()))
    let sourceMap = source.reshaped(Array(source.shape.dropFirst()))
    let x = weights.firstNorm(aggregate(map, on: compute), on: compute)
    let y = weights.firstNorm(pool(sourceMap, on: compute), on: compute)
    var (queries, keys) = (weights.query(x, on: compute), weights.key(y, on: compute))
    if let rotary {
      queries = rotary(queries, heads: weights.heads, on: compute)
      keys = rotary(keys, heads: weights.heads, on: compute)
    }
    let attended = softmaxAttention(
      queries: queries.asSequence, keys: keys.asSequence,
      values: weights.value(y, on: compute).asSequence, heads: weights.heads, on: compute)
    let message = upsampling(weights.merge(attended, on: compute).reshaped(x.shape), on: compute)
    return weights.update(map, with: message, activation: .leakyReLU, on: compute).reshaped(tokens.shape)
  }
}

extension Tensor {
  /// [height, width, channels] -> [1, height * width, channels].
  fileprivate var asSequence: Tensor { reshaped([1, shape[0] * shape[1], shape[2]]) }
}
