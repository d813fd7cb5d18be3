// Aggregated attention (EfficientLoFTR, Wang et al. 2024, section 3.2; definition: training/model): softmax attention
// among tokens that each stand for a square of cells, so that its cost falls with the fourth power of the square's
// side.
//
// The cost is still quadratic in the image's area. So if there are more than `mostKeys` keys, only an evenly spaced
// grid of that many is attended to, which makes it linear. A subset of the keys keeps nearly all matches; means of
// neighbouring keys lost half of them.

import Tensor

/// x + norm2(mlp([x, up(merge(attention(norm1(aggregate(x)), norm1(pool(source)))))])), with rotary encoding of queries
/// and keys in self-attention only. Settings: `aggregation` (cells per side), `rotary` (optional), `mostKeys`
/// (optional, default 3072). Tensors: aggregate, norm1, q_proj, k_proj, v_proj, merge, mlp.0, mlp.2, norm2.
package struct AggregatedAttentionLayer: AttentionLayer {
  private let weights: AttentionWeights
  private let aggregate: DepthwiseAggregation
  private let pool: MaxPooling
  private let upsampling: BilinearUpsampling
  private let rotary: (any TokenRotation)?
  private let mostKeys: Int

  package init(
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
    mostKeys =
      settings.values["mostKeys"] == nil
      ? Self.defaultMostKeys : try settings.integer("mostKeys", in: 1...Int(Int32.max))
  }

  /// What the cells of 1024x768 pixels aggregate to, two by two: smaller images are attended to in full. At 1600x1200
  /// this keeps 87 to 100 % of the inliers of full attention in a third of its time (pairs of Sceaux).
  static let defaultMostKeys = 3072

  /// Side, in cells, of the square one token stands for.
  package let gridMultiple: Int

  /// Takes a single sequence.
  package func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor {
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
    let grid = Self.attendedGrid(rows: y.shape[0], columns: y.shape[1], mostKeys: mostKeys)
    (keys, values) = (keys.sampled(grid), values.sampled(grid))
    let attended = softmaxAttention(
      queries: queries.asSequence, keys: keys.asSequence, values: values.asSequence, heads: weights.heads,
      on: compute)
    let message = upsampling(weights.merge(attended, on: compute).reshaped(x.shape), on: compute)
    return weights.update(map, with: message, activation: .leakyReLU, on: compute).reshaped(tokens.shape)
  }

  /// A grid of about the same aspect ratio and at most `mostKeys` positions.
  static func attendedGrid(rows: Int, columns: Int, mostKeys: Int) -> (rows: Int, columns: Int) {
    guard rows * columns > mostKeys else { return (rows, columns) }
    let ratio = (Double(mostKeys) / Double(rows * columns)).squareRoot()
    let fewerRows = min(mostKeys, max(1, Int(Double(rows) * ratio)))
    return (fewerRows, min(columns, mostKeys / fewerRows))
  }
}

extension Tensor {
  /// [height, width, channels] -> [1, height * width, channels].
  fileprivate var asSequence: Tensor { reshaped([1, shape[0] * shape[1], shape[2]]) }

  /// The rows and columns of a map [height, width, channels] closest to the centres of that many equal parts.
  func sampled(_ grid: (rows: Int, columns: Int)) -> Tensor {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    guard grid != (height, width) else { return self }
    let indices = (0..<grid.rows).flatMap { row in
      (0..<grid.columns).map { column in
        (2 * row + 1) * height / (2 * grid.rows) * width + (2 * column + 1) * width / (2 * grid.columns)
      }
    }
    return gatheredRows(indices, channels: channels).reshaped([grid.rows, grid.columns, channels])
  }
}
