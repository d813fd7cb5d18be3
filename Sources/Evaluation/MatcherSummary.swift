// From the outcomes of pairs to the rows of the table: means over pairs, the AUC of each repeat and their mean.

/// One row of the table: a matcher over all pairs, or over the pairs of one grade.
package struct MatcherSummary: Encodable, Equatable, Sendable {
  /// Name as on the command line, as in `compact` or `sift`.
  package var matcher: String
  /// Its options or model and hash, in one line.
  package var description: String
  /// Grade of difficulty that the row covers; nil for all pairs.
  package var grade: String?
  /// Number of pairs.
  package var pairs: Int
  /// Area under the cumulative error curve, 0...100, for each of the task's thresholds; the mean of the repeats.
  package var auc: [Double]
  /// Largest minus smallest AUC over the repeats, for each threshold.
  package var aucSpread: [Double]
  /// Mean share of precise matches, 0...100.
  package var precision: Double
  /// Mean share of keypoints that are precise matches, 0...100.
  package var matchingScore: Double
  /// Mean number of matches.
  package var matches: Double
  /// Mean number of inliers.
  package var inliers: Double
  /// Pairs without an estimate.
  package var failures: Int
  /// Median seconds a pair, matching alone.
  package var secondsPerPair: Double
}

extension MatcherSummary {
  /// Sums up some pairs under a matcher.
  ///
  /// Means are over all of them, failed ones included: no matches have no precision, that is 0. Only pairs with
  /// something to estimate count for the AUC; where there are none, it has no values.
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
