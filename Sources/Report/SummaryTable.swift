import Files
import Evaluation
import Export

/// One row per matcher over all pairs, then the same for every grade; the best of each group, by the figures as shown,
/// is in bold.
struct SummaryTable {
  let columns: [ColumnHead]
  let groups: [Group]
  /// What the columns mean.
  let note: String

  /// All pairs, or one grade.
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
    // All pairs first, then the grades in order of appearance.
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

  private struct Column {
    var title: String
    var unit: String?
    var best: Best
    /// nil if there is no figure.
    var value: (MatcherSummary) -> Double?
    var decimals = 0
    var spread: (MatcherSummary) -> Double? = { _ in nil }

    enum Best { case largest, smallest, none }

    func text(_ row: MatcherSummary) -> String { HTMLText.decimal(value(row) ?? .nan, decimals) }

    /// The best figure as shown; nil if all are equal or the column has no order.
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
      Column(title: "Time", unit: "s per pair", best: .smallest, value: { $0.secondsPerPair }, decimals: 2),
    ]
  }

  private static func note(_ result: EvaluationResult) -> String {
    let what =
      result.task == .pose
      ? "The error of a pair is the larger of its rotation and translation errors."
      : "The error of a pair is the mean corner distance between both homographies."
    let spread =
      result.recipe.repeats > 1
      ? " \u{2195}: largest minus smallest over the \(result.recipe.repeats) repeats." : ""
    return what
      + " AUC: area under the cumulative error curve up to the threshold, 0\u{2013}100; a failed pair has an "
      + "infinite error. Best in bold." + spread
  }
}

struct ColumnHead {
  var title: String
  var unit: String?
}
