// Coarse matching on raw similarities (EfficientLoFTR's optimised mode, Wang et al. 2024, section 3.3): mutual nearest
// neighbours whose similarity exceeds a threshold. No softmax, half the work.
//
// A logistic function maps similarities to scores comparable with the full mode's. It is fixed by the authors'
// corresponding thresholds of the two modes: 25 and 0.2 (recommended), 20 and 0.1 (evaluation scripts).

import Glibc
import Tensor

/// S = <f0, f1> / (channels * temperature); score = 1 / (1 + exp(-(slope S + intercept))).
/// Settings: `temperature`, `threshold` (of the score), `border`. No tensors.
package struct SimilarityMatcher: CoarseMatcher {
  private let scale: Float
  private let border: Int
  package let defaultThreshold: Float

  /// The two points that fix the logistic function.
  static let anchors: [(similarity: Double, score: Double)] = [(25, 0.2), (20, 0.1)]

  package init(_ settings: Settings, channels: Int, from parameters: Parameters) throws {
    scale = Float(1 / (Double(channels) * (try settings.number("temperature", in: 1e-4...1e4))))
    defaultThreshold = Float(try settings.number("threshold", in: 0...1))
    border = try settings.integer("border", in: 0...64)
  }

  package static func score(_ similarity: Float) -> Float {
    func logit(_ score: Double) -> Double { log(score / (1 - score)) }
    let (a, b) = (anchors[0], anchors[1])
    let slope = (logit(a.score) - logit(b.score)) / (a.similarity - b.similarity)
    return Float(1 / (1 + exp(-(logit(a.score) + slope * (Double(similarity) - a.similarity)))))
  }

  package func matches(
    _ first: CoarseFeatures, _ second: CoarseFeatures, threshold: Float, on compute: Compute
  ) -> CoarseMatches {
    let similarity = similarity(first, second)
    let partners = similarity.partners(
      rowTerm: [Float](repeating: 0, count: similarity.rows),
      columnTerm: [Float](repeating: 0, count: similarity.columns), on: compute)
    return mutualMatches(partners, first, second, border: border) { row, _ in
      let score = Self.score(partners.logScore[row])
      return score > threshold ? score : nil
    }
  }

  /// The similarities, before the logistic function.
  package func confidence(
    _ first: CoarseFeatures, _ second: CoarseFeatures, on compute: Compute
  ) -> Tensor {
    similarity(first, second).matrix(on: compute) { similarity, _, _ in similarity }
  }

  private func similarity(_ first: CoarseFeatures, _ second: CoarseFeatures) -> StreamedSimilarity {
    StreamedSimilarity(first: first.validTokens, second: second.validTokens, scale: scale)
  }
}
