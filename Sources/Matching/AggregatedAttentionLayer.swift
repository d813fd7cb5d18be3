// Aggregated attention (EfficientLoFTR, Wang et al. 2024, section 3.2; definition: training/model): softmax
// attention among tokens that stand for a square of cells each, so that its cost falls with the fourth power of
// the square's side.
//
// That cost still grows with the square of the image. Beyond `mostSources` keys, only those of every second (third ...)
// row and column are attended to, so that their number stays bounded and the cost grows with the image alone. Keys
// as they are, though fewer, keep nearly all matches; means of neighbouring keys lost half of them.

import Tensor

/// x + norm2(mlp([x, up(merge(attention(norm1(aggregate(x)), norm1(pool(source)))))])), rotary encoding of
/// queries and keys in self-attention only. Settings: `aggregation` (cells a side), `rotary` (optional), `mostSources`
/// (optional: keys and values at most, 8192).
/// Tensors: aggregate, norm1, q_proj, k_proj, v_proj, merge, mlp.0, mlp.2, norm2.
public struct AggregatedAttentionLayer: AttentionLayer {
  private let weights: AttentionWeights
  private let aggregate: DepthwiseAggregation
  private let pool: MaxPooling
  private let upsampling: BilinearUpsampling
  private let rotary: (any TokenRotation)?
  private let mostSources: Int

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
    mostSources =
      settings.values["mostSources"] == nil
      ? Self.defaultMostSources : try settings.integer("mostSources", in: 1...Int(Int32.max))
  }

  /// As many as the cells of 1440x1440 pixels aggregate to, two by two: smaller images are attended to in full.
  static let defaultMostSources = 8192

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
    var values = weights.value(y, on: compute)
    let step = Self.sourceStep(rows: y.shape[0], columns: y.shape[1], mostSources: mostSources)
    (keys, values) = (keys.subsampled(every: step), values.subsampled(every: step))
    let attended = softmaxAttention(
      queries: queries.asSequence, keys: keys.asSequence, values: values.asSequence, heads: weights.heads,
      on: compute)
    let message = upsampling(weights.merge(attended, on: compute).reshaped(x.shape), on: compute)
    return weights.update(map, with: message, activation: .leakyReLU, on: compute).reshaped(tokens.shape)
  }

  /// The smallest step from one attended token to the next, each way, that leaves at most `mostSources` of them.
  static func sourceStep(rows: Int, columns: Int, mostSources: Int) -> Int {
    var step = 1
    while (rows + step - 1) / step * ((columns + step - 1) / step) > mostSources { step += 1 }
    return step
  }
}

extension Tensor {
  /// [height, width, channels] -> [1, height * width, channels].
  fileprivate var asSequence: Tensor { reshaped([1, shape[0] * shape[1], shape[2]]) }

  /// Every `step`-th row and column of a map [height, width, channels], from the first on.
  func subsampled(every step: Int) -> Tensor {
    guard step > 1 else { return self }
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let indices = stride(from: 0, to: height, by: step).flatMap { row in
      stride(from: 0, to: width, by: step).map { row * width + $0 }
    }
    return gatheredRows(indices, channels: channels)
      .reshaped([(height + step - 1) / step, (width + step - 1) / step, channels])
  }
}
