import Evaluation
import Files

/// What the terminal shows of an evaluation: the recipe, one row per matcher, the same for each grade, what failed.
struct EvaluationTable {
  let result: EvaluationResult
  let remarks: [String]

  /// Failed pairs listed per matcher; the CSV has all of them.
  private static let listedFailures = 20

  var text: String {
    var blocks = [recipe, rows(nil)]
    blocks += result.matchers.compactMap(\.grade).uniqued().map { rows($0) }
    if !failures.isEmpty { blocks.append(failures) }
    return blocks.joined(separator: "\n")
  }

  private var recipe: String {
    let recipe = result.recipe
    let overall = result.matchers.filter { $0.grade == nil }
    let size = recipe.maxSize == 0 ? "as they are" : "at most \(recipe.maxSize) px"
    let bound = "\(recipe.precisionThreshold)"
    var rows = [
      (result.task.rawValue, "\(recipe.dataset), \(Self.pairs(overall))"),
      ("protocol", recipe.protocolName),
      (
        "estimator",
        "\(recipe.estimator), threshold \(recipe.threshold) \(recipe.thresholdMeaning), confidence "
          + "\(recipe.confidence), at most \(recipe.maxIterations) iterations"
      ),
      (
        "photos",
        (result.task == .homography
          ? "resized to a shorter side of \(EvaluationProtocol.homographyShorterSide) px, then " : "") + size
      ),
      (
        "repeats",
        "\(recipe.repeats), seed \(recipe.seed); AUC is their mean, in brackets largest minus smallest"
      ),
      (
        "precise",
        result.task == .pose
          ? "symmetric squared epipolar error below \(bound), normalised coordinates"
          : "less than \(bound) px from the truth; the \(EvaluationProtocol.homographyMatches) best matches"
      ),
      ("machine", "\(recipe.machine), \(recipe.threads) threads; match \(result.version)"),
    ]
    rows += remarks.map { ("note", $0) }
    rows += overall.map { ($0.matcher, $0.description) }
    return alignedRows(rows, width: nil)
  }

  private static func pairs(_ summaries: [MatcherSummary]) -> String {
    counted(summaries.first?.pairs ?? 0, "pair")
  }

  private func rows(_ grade: String?) -> String {
    let summaries = result.matchers.filter { $0.grade == grade }
    let thresholds = result.task.thresholds.enumerated().map { index, threshold in
      (index == 0 ? "AUC@" : "@") + "\(Int(threshold))"
    }
    let title = grade.map { "\($0), \(Self.pairs(summaries))" } ?? "matcher"
    var lines = [[title] + thresholds + ["precise %", "score %", "matches", "inliers", "failed", "s/pair"]]
    for summary in summaries {
      var line = [summary.matcher]
      for index in thresholds.indices {
        guard index < summary.auc.count else {
          line.append("-")
          continue
        }
        let area = summary.auc[index].text(decimals: 1)
        line.append(
          result.recipe.repeats > 1 ? "\(area) (\(summary.aucSpread[index].text(decimals: 1)))" : area)
      }
      line += [
        summary.precision.text(decimals: 1), summary.matchingScore.text(decimals: 1),
        summary.matches.text(decimals: 0), summary.inliers.text(decimals: 0), "\(summary.failures)",
        summary.secondsPerPair.text(decimals: 3),
      ]
      lines.append(line)
    }
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = line.indices.map { column in
        column == 0 ? line[0].left(widths[0]) : line[column].right(widths[column])
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }

  /// Pairs without an estimate, with the reasons.
  private var failures: String {
    var lines: [String] = []
    for matcher in result.matcherNames {
      let failed = result.pairs.filter { $0.matcher == matcher && $0.failure != nil }
      for pair in failed.prefix(Self.listedFailures) {
        lines.append("failed: \(matcher): \(pair.image0) \(pair.image1): \(pair.failure ?? "")\n")
      }
      if failed.count > Self.listedFailures {
        lines.append("failed: \(matcher): and \(failed.count - Self.listedFailures) more; --csv lists all\n")
      }
    }
    return lines.joined()
  }
}
