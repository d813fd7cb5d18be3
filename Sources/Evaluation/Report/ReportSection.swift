// The part of the report about one result: headline, recipe, table, curves, histograms, drawn pairs, failed pairs,
// rows of all pairs.

import Export
import Files

/// Builds the parts of one result.
struct ReportSection {
  /// What is shown.
  var result: EvaluationResult
  /// Its place in the page, from 0: makes ids unique.
  var index: Int

  /// The start of every id.
  var prefix: String { "r\(index)" }

  /// `Pose` or `Homography`.
  var title: String { result.task == .pose ? "Pose" : "Homography" }

  /// All that comes before the drawn pairs.
  var opening: String {
    let table = SummaryTable(result: result)
    return """
      <section id="\(prefix)" aria-labelledby="\(prefix)-title">
      <h2 id="\(prefix)-title">\(title)</h2>
      <p class="lead">\(HTMLText.escaped(headline))</p>
      <h3>Recipe</h3>
      \(RecipeBox(result: result).html)
      <h3>Figures</h3>
      \(table.html)
      <p class="note">\(HTMLText.escaped(table.note))</p>
      <h3>Cumulative error</h3>
      \(curves)
      <h3>Errors</h3>
      \(histograms)
      <h3>Best and worst pairs of \(HTMLText.escaped(SeriesKey(result).names.first ?? "the first matcher"))</h3>
      <p class="note">\(Self.drawingNote)</p>
      """
  }

  /// All that comes after the drawn pairs.
  var closing: String {
    let pairs = PairTable(result: result, prefix: prefix)
    return """
      <h3>Failed pairs</h3>
      \(pairs.failures)
      <h3>All pairs</h3>
      \(pairs.html)
      <p class="note">\(rowNote)Press the head of a column to sort by it, and again to turn the order round.</p>
      </section>
      """
  }

  private var rowNote: String {
    guard result.recipe.repeats > 1 else { return "" }
    let parts = result.task == .pose ? "rotation, translation and inliers" : "inliers"
    return "Error: the median of the repeats; \(parts): the first repeat. "
  }

  private static let drawingNote =
    "Lines join matched points: inliers by score from <span class=\"ramp\" aria-hidden=\"true\"></span> (low to "
    + "high), <span class=\"outlier\">outliers</span> in red. Where no geometry was found, all lines show their score."

  /// The result in one sentence: who is first by the AUC at the middle threshold, and before whom.
  var headline: String {
    let threshold = result.task.thresholds[1]
    let unit = result.task == .pose ? "\u{B0}" : " px"
    let ranked = result.matchers.filter { $0.grade == nil && $0.auc.count > 1 && $0.auc[1].isFinite }
      .sorted { $0.auc[1] > $1.auc[1] }
    guard let first = ranked.first else { return "No matcher was evaluated." }
    let name = "AUC@\(HTMLText.short(threshold))\(unit)"
    let figure = HTMLText.decimal(first.auc[1], 1)
    let pairs = counted(first.pairs, "pair")
    guard ranked.count > 1 else { return "\(first.matcher) has an \(name) of \(figure) on \(pairs)." }
    let others = ranked.dropFirst().map { "\($0.matcher) \(HTMLText.decimal($0.auc[1], 1))" }
    return "\(first.matcher) leads with an \(name) of \(figure) on \(pairs); "
      + "\(others.joined(separator: ", "))."
  }

  private var axisLabel: String {
    result.task == .pose ? "Pose error (degrees)" : "Corner error (px)"
  }

  private var grades: [String] {
    var grades: [String] = []
    for case let grade? in result.pairs.map(\.grade) where !grades.contains(grade) { grades.append(grade) }
    return grades
  }

  private func chart(_ title: String, where isShown: (PairOutcome) -> Bool) -> CurveChart {
    let limit = result.task.thresholds.last ?? 1
    let lines = SeriesKey(result).names.enumerated().compactMap { series, name -> CurveChart.Line? in
      let pairs = result.pairs.filter { $0.matcher == name && isShown($0) }
      guard !pairs.isEmpty else { return nil }
      return CurveChart.Line(series: series, name: name, curve: ErrorCurve(pairs: pairs, limit: limit))
    }
    return CurveChart(title: title, axisLabel: axisLabel, marks: result.task.thresholds, lines: lines)
  }

  private var curves: String {
    guard !result.pairs.isEmpty else { return "<p class=\"note\">No pairs, no curves.</p>" }
    let all = chart("Cumulative error curves of all pairs, a line a matcher") { _ in true }
    var parts = [
      "<figure class=\"chart\">\(all.svg(.wide, cssClass: "curves wide"))"
        + "\(all.svg(.narrow, cssClass: "curves narrow"))</figure>"
    ]
    if grades.count > 1 {
      parts.append("<div class=\"panels\">")
      for grade in grades {
        let part = chart("Cumulative error curves of the grade \(grade)") { $0.grade == grade }
        parts.append(
          "<figure><figcaption><b>\(HTMLText.escaped(grade))</b></figcaption>"
            + "\(part.svg(.small, cssClass: "panel"))</figure>")
      }
      parts.append("</div>")
    }
    return parts.joined(separator: "\n")
  }

  private var histograms: String {
    guard !result.pairs.isEmpty else { return "<p class=\"note\">No pairs, no errors.</p>" }
    let bounds = ErrorHistogram.bounds(of: result.task)
    let names = SeriesKey(result).names
    let all = names.map { name in
      ErrorHistogram(pairs: result.pairs.filter { $0.matcher == name }, bounds: bounds)
    }
    let highest = all.flatMap(\.counts).max() ?? 1
    var parts = [
      "<p class=\"note\">Pairs by their median error; none: no estimate.</p>", "<div class=\"panels bars\">",
    ]
    for (series, histogram) in all.enumerated() {
      let chart = HistogramChart(
        title: "Errors of \(names[series])", axisLabel: axisLabel, series: series, histogram: histogram,
        highest: highest)
      parts.append(
        "<figure><figcaption>\(SeriesKey.swatch(series))<b>\(HTMLText.escaped(names[series]))</b></figcaption>"
          + "\(chart.svg)</figure>")
    }
    parts.append("</div>")
    return parts.joined(separator: "\n")
  }
}
