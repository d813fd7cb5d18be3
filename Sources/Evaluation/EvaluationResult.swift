/// The result of `match evaluate`: the JSON of --output and the report's only input.
package struct EvaluationResult: Encodable, Equatable, Sendable {
  package let format = "match-evaluation/1"
  /// Version of the program.
  package var version: String
  package var task: EvaluationTask
  package var recipe: EvaluationRecipe
  /// One row per matcher in the order requested, over all pairs; then the same for each grade.
  package var matchers: [MatcherSummary]
  /// One row per matcher and pair.
  package var pairs: [PairOutcome]

  /// The matchers in the order requested.
  package var matcherNames: [String] { (matchers.map(\.matcher) + pairs.map(\.matcher)).uniqued() }
  package var grades: [String] { pairs.compactMap(\.grade).uniqued() }
}

/// Everything the figures depend on besides the matcher: without it they cannot be compared.
package struct EvaluationRecipe: Encodable, Equatable, Sendable {
  package var protocolName: String
  /// The robust estimator, as in `RANSAC (OpenCV)` or `magsac, refined`.
  package var estimator: String
  /// Inlier threshold, pixels.
  package var threshold: Double
  /// Which pixels the threshold refers to.
  package var thresholdMeaning: String
  package var confidence: Double
  package var maxIterations: Int
  /// Longer side of the matchers' input, pixels; 0: full size.
  package var maxSize: Int
  package var seed: UInt64
  /// Estimates per pair, on shuffled matches; figures are their means.
  package var repeats: Int
  package var dataset: String
  /// Bound on a precise match: squared epipolar error (pose) or pixels (homography).
  package var precisionThreshold: Double
  package var machine: String
  package var threads: Int
}
