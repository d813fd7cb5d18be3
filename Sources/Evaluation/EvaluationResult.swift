// The result of an evaluation as plain values: how it was measured, one row per matcher, one row per pair. It is the
// JSON of --output, and all that the report is made from.

/// The result of `match evaluate`.
package struct EvaluationResult: Encodable, Equatable, Sendable {
  package let format = "match-evaluation/1"
  /// Version of the program.
  package var version: String
  /// What was estimated.
  package var task: EvaluationTask
  /// How, in full: numbers without their recipe cannot be compared.
  package var recipe: EvaluationRecipe
  /// One row per matcher in the order asked for, over all pairs; then the same for each grade.
  package var matchers: [MatcherSummary]
  /// One row per matcher and pair.
  package var pairs: [PairOutcome]

  /// The matchers in the order asked for.
  package var matcherNames: [String] { (matchers.map(\.matcher) + pairs.map(\.matcher)).uniqued() }
  /// The grades of difficulty in the order of their first pair.
  package var grades: [String] { pairs.compactMap(\.grade).uniqued() }
}

/// Everything that a figure depends on besides the matcher.
package struct EvaluationRecipe: Encodable, Equatable, Sendable {
  /// `classic` (SuperGlue and LoFTR) or `modern`.
  package var protocolName: String
  /// The robust estimator, as in `RANSAC (OpenCV)` or `magsac, refined`.
  package var estimator: String
  /// Inlier threshold, pixels.
  package var threshold: Double
  /// In which pixels the threshold is meant.
  package var thresholdMeaning: String
  /// Confidence of the estimator.
  package var confidence: Double
  /// Most iterations of the estimator.
  package var maxIterations: Int
  /// Longer side at which matchers see the photos, pixels; 0: as they are.
  package var maxSize: Int
  /// Seed of the estimator.
  package var seed: UInt64
  /// Estimations a pair, on shuffled matches; figures are their means.
  package var repeats: Int
  /// The pair file or folder that was evaluated.
  package var dataset: String
  /// Bound on the epipolar error of a precise match (pose), or pixels (homography).
  package var precisionThreshold: Double
  /// Processor, number of threads.
  package var machine: String
  /// Threads used.
  package var threads: Int
}
