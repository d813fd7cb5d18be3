import Files
import Evaluation
import Export

/// The part of the report about one result; its properties are the values of section.mustache.
struct ReportSection {
  /// Prefix of every id in the section.
  let id: String
  let title: String
  /// The result in one sentence.
  let headline: String
  let recipe: [Fact]
  let matchers: [Matcher]
  let summary: SummaryTable
  let curves: Curves?
  let histograms: [Chart]
  /// Whose best and worst pairs are drawn.
  let drawnMatcher: String
  /// Best pairs, then worst; filled in last, when the bytes left for pictures are known.
  var drawings: [MatchDrawings.Column] = []
  let pairs: PairTable
  let rowNote: String

  struct Fact {
    var name: String
    var value: String
  }

  struct Matcher {
    var swatch: String
    var name: String
    var description: String
  }

  /// Cumulative error curves of all pairs in two sizes, and one chart per grade if there are several.
  struct Curves {
    var wide: String
    var narrow: String
    var grades: [Chart]
  }

  struct Chart {
    var name: String
    var swatch = ""
    var chart: String
  }

  /// `index` is the section's position in the page; it makes ids unique.
  init(_ result: EvaluationResult, index: Int) {
    id = "r\(index)"
    title = result.task == .pose ? "Pose" : "Homography"
    headline = Self.headline(result)
    recipe = Self.facts(result)
    matchers = result.matcherNames.enumerated().map { series, name in
      Matcher(
        swatch: Series(series).swatch, name: name,
        description: result.matchers.first { $0.matcher == name }?.description ?? "")
    }
    summary = SummaryTable(result)
    curves = Self.curves(result)
    histograms = Self.histograms(result)
    drawnMatcher = result.matcherNames.first ?? "the first matcher"
    pairs = PairTable(result)
    let fromFirst = result.task == .pose ? "rotation, translation and inliers" : "inliers"
    rowNote =
      result.recipe.repeats > 1 ? "Error: the median of the repeats; \(fromFirst): the first repeat. " : ""
  }

  /// Ranks the matchers by AUC at the middle threshold.
  private static func headline(_ result: EvaluationResult) -> String {
    let ranked = result.matchers.filter { $0.grade == nil && $0.auc.count > 1 && $0.auc[1].isFinite }
      .sorted { $0.auc[1] > $1.auc[1] }
    guard let first = ranked.first else { return "No matcher was evaluated." }
    let unit = result.task == .pose ? "\u{B0}" : " px"
    let name = "AUC@\(HTMLText.short(result.task.thresholds[1]))\(unit)"
    let figure = HTMLText.decimal(first.auc[1], 1)
    let pairs = counted(first.pairs, "pair")
    guard ranked.count > 1 else { return "\(first.matcher) has an \(name) of \(figure) on \(pairs)." }
    let others = ranked.dropFirst().map { "\($0.matcher) \(HTMLText.decimal($0.auc[1], 1))" }
    return "\(first.matcher) leads with an \(name) of \(figure) on \(pairs); "
      + "\(others.joined(separator: ", "))."
  }

  private static func facts(_ result: EvaluationResult) -> [Fact] {
    let recipe = result.recipe
    let bound = HTMLText.short(recipe.precisionThreshold)
    return [
      Fact(name: "Dataset", value: recipe.dataset),
      Fact(name: "Protocol", value: recipe.protocolName),
      Fact(name: "Estimator", value: recipe.estimator),
      Fact(name: "Threshold", value: "\(HTMLText.short(recipe.threshold)) px (\(recipe.thresholdMeaning))"),
      Fact(name: "Confidence", value: HTMLText.short(recipe.confidence)),
      Fact(name: "Iterations", value: "at most \(recipe.maxIterations)"),
      Fact(
        name: "Repeats",
        value: recipe.repeats > 1
          ? "\(recipe.repeats) on shuffled matches; figures are means"
          : counted(recipe.repeats, "estimate")),
      Fact(name: "Seed", value: "\(recipe.seed)"),
      Fact(
        name: "Photos",
        value: recipe.maxSize > 0 ? "longer side at most \(recipe.maxSize) px" : "full size"),
      Fact(
        name: "A match is precise",
        value: result.task == .pose ? "epipolar error below \(bound)" : "within \(bound) px"),
      Fact(name: "Machine", value: recipe.machine),
      Fact(name: "Threads", value: "\(recipe.threads)"),
      Fact(name: "Program", value: "match \(result.version)"),
    ]
  }

  private static func axisLabel(_ result: EvaluationResult) -> String {
    result.task == .pose ? "Pose error (degrees)" : "Corner error (px)"
  }

  private static func curves(_ result: EvaluationResult) -> Curves? {
    guard !result.pairs.isEmpty else { return nil }
    func chart(_ title: String, where isShown: (PairOutcome) -> Bool) -> CurveChart {
      let limit = result.task.thresholds.last ?? 1
      let lines = result.matcherNames.enumerated().compactMap { series, name -> CurveChart.Line? in
        let pairs = result.pairs.filter { $0.matcher == name && isShown($0) }
        guard !pairs.isEmpty else { return nil }
        return CurveChart.Line(
          series: Series(series), name: name, curve: ErrorCurve(pairs: pairs, limit: limit))
      }
      return CurveChart(
        title: title, axisLabel: axisLabel(result), marks: result.task.thresholds, lines: lines)
    }
    let all = chart("Cumulative error curves of all pairs, one line per matcher") { _ in true }
    let grades = result.grades.count > 1 ? result.grades : []
    return Curves(
      wide: all.svg(.wide, cssClass: "curves wide"), narrow: all.svg(.narrow, cssClass: "curves narrow"),
      grades: grades.map { grade in
        let part = chart("Cumulative error curves of the grade \(grade)") { $0.grade == grade }
        return Chart(name: grade, chart: part.svg(.small, cssClass: "panel"))
      })
  }

  private static func histograms(_ result: EvaluationResult) -> [Chart] {
    guard !result.pairs.isEmpty else { return [] }
    let all = result.matcherNames.map { name in
      ErrorBins(pairs: result.pairs.filter { $0.matcher == name }, bounds: ErrorBins.bounds(of: result.task))
    }
    let highest = all.flatMap(\.counts).max() ?? 1
    return zip(result.matcherNames, all).enumerated().map { index, entry in
      let series = Series(index)
      let chart = HistogramChart(
        title: "Errors of \(entry.0)", axisLabel: axisLabel(result), series: series, bins: entry.1,
        highest: highest)
      return Chart(name: entry.0, swatch: series.swatch, chart: chart.svg)
    }
  }
}
