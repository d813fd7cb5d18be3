// Coarse matching: pairs cells of the two images (LoFTR, Sun et al. 2021, section 3.3).
// A new matching rule is one file that conforms to `CoarseMatcher` and one line in `coarseMatchers`.

import Glibc
import Tensor

/// Values of `coarseMatching.kind` in a model file.
package let coarseMatchers: [String: any CoarseMatcher.Type] = [
  "dual-softmax": DualSoftmaxMatcher.self,
  "optimal-transport": OptimalTransportMatcher.self,
  "similarity": SimilarityMatcher.self,
]

/// Pairs of cells, each cell in at most one; row-major grid indices.
package struct CoarseMatches: Sendable, Equatable {
  package var cells0: [Int] = []
  package var cells1: [Int] = []
  /// Probabilities, in 0...1.
  package var scores: [Float] = []

  package var count: Int { cells0.count }

  func first(_ limit: Int) -> CoarseMatches { self[0..<min(limit, count)] }

  subscript(range: Range<Int>) -> CoarseMatches {
    CoarseMatches(
      cells0: Array(cells0[range]), cells1: Array(cells1[range]), scores: Array(scores[range]))
  }

  /// The `limit` pairs of highest score (ties: the earlier ones), in their present order.
  func best(_ limit: Int) -> CoarseMatches {
    guard limit < count else { return self }
    let order = (0..<count).sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    let kept = order.prefix(limit).sorted()
    return CoarseMatches(
      cells0: kept.map { cells0[$0] }, cells1: kept.map { cells1[$0] }, scores: kept.map { scores[$0] })
  }
}

package protocol CoarseMatcher: Sendable {
  /// `settings` is the group `coarseMatching` of the model's settings, `parameters` the scope `coarse_matching` of its
  /// tensors.
  init(_ settings: Settings, channels: Int, from parameters: Parameters) throws

  /// The threshold on scores from the model's settings.
  var defaultThreshold: Float { get }

  /// Pairs of valid cells with a score above `threshold`, ordered by `cells0`.
  func matches(
    _ first: CoarseFeatures, _ second: CoarseFeatures, threshold: Float, on compute: Compute
  ) -> CoarseMatches

  /// The scores of all valid cells against all valid cells, stored; for inspecting small images.
  func confidence(_ first: CoarseFeatures, _ second: CoarseFeatures, on compute: Compute) -> Tensor
}

/// Dual-softmax with mutual nearest neighbours, a threshold and a border.
///
/// Settings: `scale` is `temperature` (with `temperature`; LoFTR: S = <f0, f1> / (channels * temperature)) or
/// `learned` (S = exp(log_scale) <proj f0, proj f1> / channels); `threshold`; `border` (cells along the grid's edge
/// that never match); `matchability` (whether P is multiplied by both cells' probability of having a match).
/// Tensors: log_scale and proj if the scale is learned, matchability if used.
package struct DualSoftmaxMatcher: CoarseMatcher {
  private let softmax: DualSoftmax
  private let projection: Linear?
  private let matchability: Linear?
  private let border: Int
  package let defaultThreshold: Float

  package init(_ settings: Settings, channels: Int, from parameters: Parameters) throws {
    switch try settings.text("scale") {
    case "temperature":
      let temperature = try settings.number("temperature", in: 1e-4...1e4)
      softmax = DualSoftmax(scale: Float(1 / (Double(channels) * temperature)))
      projection = nil
    case "learned":
      let logScale = try parameters.tensor("log_scale", []).values[0]
      softmax = DualSoftmax(scale: expf(logScale) / Float(channels))
      projection = try Linear(channels, channels, bias: true, from: parameters.scope("proj"))
    case let other:
      throw SettingsError.unknown(
        path: settings.at("scale"), value: other, known: ["learned", "temperature"])
    }
    matchability =
      try settings.flag("matchability")
      ? try Linear(channels, 1, bias: true, from: parameters.scope("matchability")) : nil
    defaultThreshold = Float(try settings.number("threshold", in: 0...1))
    border = try settings.integer("border", in: 0...64)
  }

  package func matches(
    _ first: CoarseFeatures, _ second: CoarseFeatures, threshold: Float, on compute: Compute
  ) -> CoarseMatches {
    let (side0, side1) = (side(first, on: compute), side(second, on: compute))
    let partners = softmax.partners(
      side0.descriptors, side1.descriptors, logWeight0: side0.logMatchability,
      logWeight1: side1.logMatchability, atLeast: threshold, on: compute)
    return mutualMatches(partners, first, second, border: border) { row, _ in
      let score = expf(partners.logScore[row])
      return score > threshold ? score : nil
    }
  }

  package func confidence(
    _ first: CoarseFeatures, _ second: CoarseFeatures, on compute: Compute
  ) -> Tensor {
    let (side0, side1) = (side(first, on: compute), side(second, on: compute))
    return softmax.matrix(
      side0.descriptors, side1.descriptors, logWeight0: side0.logMatchability,
      logWeight1: side1.logMatchability, on: compute)
  }

  private func side(
    _ features: CoarseFeatures, on compute: Compute
  ) -> (descriptors: Tensor, logMatchability: [Float]?) {
    let tokens = features.validTokens
    // log sigmoid(x) = -log(1 + exp(-x)) without overflow.
    let logMatchability = matchability.map { layer in
      layer(tokens, on: compute).values.map { min($0, 0) - log1pf(expf(-abs($0))) }
    }
    return (projection.map { $0(tokens, on: compute) } ?? tokens, logMatchability)
  }
}
