// From pairs to the rows of the table: means over pairs, AUC for each repeat and their mean.

/// Sums up pairs.
struct MatcherSummarizer {
  let task: EvaluationTask
  let repeats: Int

  /// The row of a matcher over some pairs.
  ///
  /// Means are over all of them, failed ones included: no matches have no precision, that is 0. Only pairs with
  /// something to estimate count for the AUC; where there are none, it has no values.
  func summary(_ matcher: any PairMatcher, _ pairs: [MeasuredPair], grade: String?) -> MatcherSummary {
    let outcomes = pairs.map(\.outcome)
    let estimated = outcomes.filter { !$0.errors.isEmpty }
    let areas = (0..<repeats).map { index in
      AreaUnderErrorCurve.values(
        errors: estimated.map { $0.errors[index] ?? .infinity }, thresholds: task.thresholds)
    }
    let columns =
      estimated.isEmpty ? [] : task.thresholds.indices.map { column in areas.map { 100 * $0[column] } }
    return MatcherSummary(
      matcher: matcher.name, description: matcher.description, grade: grade, pairs: outcomes.count,
      auc: columns.map(mean), aucSpread: columns.map { ($0.max() ?? 0) - ($0.min() ?? 0) },
      precision: 100 * mean(outcomes.map { $0.precision ?? 0 }),
      matchingScore: 100 * mean(pairs.map(\.matchingScore)),
      matches: mean(outcomes.map { Double($0.matches) }), inliers: mean(estimated.map { Double($0.inliers) }),
      failures: outcomes.count { $0.failure != nil },
      secondsPerPair: median(outcomes.map(\.seconds).filter { $0 > 0 }))
  }

  /// The grades in order of appearance, those of difficulty from easy to hard.
  func distinct(_ grades: [String?]) -> [String] {
    var result: [String] = []
    for case let grade? in grades where !result.contains(grade) { result.append(grade) }
    let difficulties = ["easy", "medium", "moderate", "hard"].filter(result.contains)
    return difficulties + result.filter { !difficulties.contains($0) }
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// The upper one of the two middle values where there are two.
  private func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }
}
