// The table of the report: one row per matcher over all pairs, then the same for every grade; the best of each group
// in bold, judged by the figures as they are shown.

import Files
import Evaluation
import Export

/// The values of the table of figures.
struct SummaryTable {
  let columns: [ColumnHead]
  let groups: [Group]
  /// What the columns mean, in a sentence or two.
  let note: String

  /// Rows that belong together: all pairs, or one grade.
  struct Group {
    var title: String
    var rows: [Row]
  }

  struct Row {
    var swatch: String
    var matcher: String
    var cells: [Cell]
  }

  struct Cell {
    var text: String
    var isBest: Bool
    /// Largest minus smallest over the repeats.
    var spread: String?
  }

  init(_ result: EvaluationResult) {
    let columns = Self.columns(result)
    self.columns = columns.map { ColumnHead(title: $0.title, unit: $0.unit) }
    // All pairs first, then grade by grade in the order of their first row.
    let grades = result.matchers.map(\.grade).uniqued()
    groups = (grades.filter { $0 == nil } + grades.filter { $0 != nil }).map { grade in
      let rows = result.matchers.filter { $0.grade == grade }
      let pairs = counted(rows.map(\.pairs).max() ?? 0, "pair")
      return Group(
        title: grade.map { "\($0), \(pairs)" } ?? "All \(pairs)",
        rows: Self.rows(rows, columns, names: result.matcherNames))
    }
    note = Self.note(result)
  }

  /// How one column comes about.
  private struct Column {
    var title: String
    var unit: String?
    /// Whether more is better, less is better, or neither.
    var best: Best
    /// The figure as it is compared; nil where there is none.
    var value: (MatcherSummary) -> Double?
    var decimals = 0
    var spread: (MatcherSummary) -> Double? = { _ in nil }

    enum Best { case largest, smallest, none }

    func text(_ row: MatcherSummary) -> String { HTMLText.decimal(value(row) ?? .nan, decimals) }

    /// The best figure as it is shown; nil where nothing is better than anything else.
    func best(of rows: [MatcherSummary]) -> String? {
      let known = rows.filter { value($0)?.isFinite == true }.sorted { (value($0) ?? 0) < (value($1) ?? 0) }
      guard Set(known.map(text)).count > 1 else { return nil }
      switch best {
      case .largest: return known.last.map(text)
      case .smallest: return known.first.map(text)
      case .none: return nil
      }
    }
  }

  private static func rows(_ rows: [MatcherSummary], _ columns: [Column], names: [String]) -> [Row] {
    let best = columns.map { $0.best(of: rows) }
    return rows.map { row in
      let cells = zip(columns, best).map { column, best in
        let text = column.text(row)
        return Cell(
          text: text, isBest: text == best,
          spread: column.spread(row).map { HTMLText.decimal($0, column.decimals) })
      }
      let series = names.firstIndex(of: row.matcher).map { Series($0) }
      return Row(swatch: series?.swatch ?? "", matcher: row.matcher, cells: cells)
    }
  }

  private static func columns(_ result: EvaluationResult) -> [Column] {
    let unit = result.task == .pose ? "\u{B0}" : " px"
    let repeated = result.recipe.repeats > 1
    let areas = result.task.thresholds.enumerated().map { index, threshold in
      Column(
        title: "AUC", unit: "@\(HTMLText.short(threshold))\(unit)", best: .largest,
        value: { $0.auc.dropFirst(index).first }, decimals: 1,
        spread: { repeated ? $0.aucSpread.dropFirst(index).first : nil })
    }
    return areas + [
      Column(title: "Precision", unit: "%", best: .largest, value: { $0.precision }, decimals: 1),
      Column(title: "Matching score", unit: "%", best: .largest, value: { $0.matchingScore }, decimals: 1),
      Column(title: "Matches", best: .none, value: { $0.matches }),
      Column(title: "Inliers", best: .none, value: { $0.inliers }),
      Column(title: "Failed", unit: "pairs", best: .smallest, value: { Double($0.failures) }),
      Column(title: "Time", unit: "s a pair", best: .smallest, value: { $0.secondsPerPair }, decimals: 2),
    ]
  }

  private static func note(_ result: EvaluationResult) -> String {
    let what =
      result.task == .pose
      ? "The error of a pair is the larger of the angles of rotation and translation."
      : "The error of a pair is the mean distance of the corners under both homographies."
    let spread =
      result.recipe.repeats > 1
      ? " Beside \u{2195}: largest minus smallest over the \(result.recipe.repeats) repeats." : ""
    return what
      + " AUC: area under the cumulative error curve up to the threshold, of 100; a failed pair counts as "
      + "infinitely wrong. Best in bold." + spread
  }
}

/// The head of a column, with its unit where it has one.
struct ColumnHead {
  var title: String
  var unit: String?
}
