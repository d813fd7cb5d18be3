/// One row of the table: a matcher over all pairs, or over the pairs of one grade.
package struct MatcherSummary: Encodable, Equatable, Sendable {
  /// Command-line name, such as `compact` or `sift`.
  package var matcher: String
  /// Options, or model and hash, in one line.
  package var description: String
  /// The grade covered; nil for all pairs.
  package var grade: String?
  package var pairs: Int
  /// AUC, 0...100, at each of the task's thresholds; mean over the repeats.
  package var auc: [Double]
  /// Largest minus smallest AUC over the repeats, at each threshold.
  package var aucSpread: [Double]
  /// Mean share of precise matches, 0...100.
  package var precision: Double
  /// Mean share of keypoints that are precise matches, 0...100.
  package var matchingScore: Double
  package var matches: Double
  package var inliers: Double
  /// Pairs without an estimate.
  package var failures: Int
  /// Median seconds per pair, matching only.
  package var secondsPerPair: Double
}

extension MatcherSummary {
  /// Means include failed pairs, whose precision is 0. The AUC covers only pairs with something to estimate and is
  /// empty if there are none.
  init(
    _ matcher: any PairMatcher, _ pairs: [PairOutcome], grade: String?, rules: EvaluationRules,
    task: EvaluationTask
  ) {
    let estimated = pairs.filter { !$0.errors.isEmpty }
    let areas = (0..<rules.repeats).map { index in
      AreaUnderErrorCurve.values(
        errors: estimated.map { $0.errors[index] ?? .infinity }, thresholds: task.thresholds)
    }
    let columns =
      estimated.isEmpty ? [] : task.thresholds.indices.map { column in areas.map { 100 * $0[column] } }
    self.init(
      matcher: matcher.name, description: matcher.description, grade: grade, pairs: pairs.count,
      auc: columns.map(\.mean), aucSpread: columns.map { ($0.max() ?? 0) - ($0.min() ?? 0) },
      precision: 100 * pairs.map { $0.precision ?? 0 }.mean,
      matchingScore: 100 * pairs.map(\.matchingScore).mean, matches: pairs.map { Double($0.matches) }.mean,
      inliers: estimated.map { Double($0.inliers) }.mean, failures: pairs.count { $0.failure != nil },
      secondsPerPair: pairs.map(\.seconds).filter { $0 > 0 }.upperMedian ?? 0)
  }
}
