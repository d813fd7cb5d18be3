// The table of the report: a row a matcher over all pairs, then the same for every grade; the best of each group in
// bold, judged by the figures as they are shown.

import Export
import Files

/// The table of figures.
struct SummaryTable {
  /// What is shown.
  var result: EvaluationResult

  /// One column of figures.
  private struct Column {
    var title: String
    var unit: String
    /// Whether more is better, less is better, or neither.
    var best: Best
    /// The figure as it is shown, and as it is compared.
    var value: (MatcherSummary) -> Double
    var decimals: Int
    /// Largest minus smallest over the repeats.
    var spread: ((MatcherSummary) -> Double?)?

    enum Best { case largest, smallest, none }

    func text(_ row: MatcherSummary) -> String { HTMLText.decimal(value(row), decimals) }
  }

  /// A `table` element inside a region that scrolls sideways where there is little room.
  var html: String {
    let columns = self.columns
    var parts = [
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table of figures\">",
      "<table class=\"summary\">",
      "<thead><tr><th scope=\"col\">Matcher</th>"
        + columns.map { column in
          let unit = column.unit.isEmpty ? "" : " <small>\(HTMLText.escaped(column.unit))</small>"
          return "<th scope=\"col\">\(HTMLText.escaped(column.title))\(unit)</th>"
        }.joined() + "</tr></thead>",
    ]
    for group in groups {
      parts.append("<tbody>")
      parts.append(
        "<tr class=\"group\"><th colspan=\"\(columns.count + 1)\" scope=\"rowgroup\"><span>"
          + "\(HTMLText.escaped(group.title))</span></th></tr>")
      parts += rows(group.rows, columns)
      parts.append("</tbody>")
    }
    parts += ["</table>", "</div>"]
    return parts.joined(separator: "\n")
  }

  /// Rows that belong together: all pairs first, then grade by grade in the order of their first row.
  private var groups: [(title: String, rows: [MatcherSummary])] {
    var grades: [String?] = []
    for row in result.matchers where !grades.contains(row.grade) { grades.append(row.grade) }
    let ordered = grades.filter { $0 == nil } + grades.filter { $0 != nil }
    return ordered.map { grade in
      let rows = result.matchers.filter { $0.grade == grade }
      let pairs = counted(rows.map(\.pairs).max() ?? 0, "pair")
      return (grade.map { "\($0), \(pairs)" } ?? "All \(pairs)", rows)
    }
  }

  private func rows(_ rows: [MatcherSummary], _ columns: [Column]) -> [String] {
    let key = SeriesKey(result)
    let best = columns.map { Self.best(of: rows, $0) }
    return rows.map { row in
      var cells =
        "<tr><th scope=\"row\">\(key.swatch(of: row.matcher))\(HTMLText.escaped(row.matcher))</th>"
      for (column, best) in zip(columns, best) {
        let text = column.text(row)
        let spread = column.spread?(row).map {
          "<small>\u{2195} \(HTMLText.decimal($0, column.decimals))</small>"
        }
        cells += "<td>\(text == best ? "<b>\(text)</b>" : text)\(spread ?? "")</td>"
      }
      return cells + "</tr>"
    }
  }

  /// The best figure of a column as it is shown; nil where nothing is better than anything else.
  private static func best(of rows: [MatcherSummary], _ column: Column) -> String? {
    let known = rows.filter { column.value($0).isFinite }
    let texts = Set(known.map { column.text($0) })
    guard texts.count > 1 else { return nil }
    switch column.best {
    case .largest: return known.max { column.value($0) < column.value($1) }.map { column.text($0) }
    case .smallest: return known.min { column.value($0) < column.value($1) }.map { column.text($0) }
    case .none: return nil
    }
  }

  private var columns: [Column] {
    let unit = result.task == .pose ? "\u{B0}" : " px"
    let repeated = result.recipe.repeats > 1
    var columns = result.task.thresholds.enumerated().map { index, threshold in
      Column(
        title: "AUC", unit: "@\(HTMLText.short(threshold))\(unit)", best: .largest,
        value: { $0.auc.indices.contains(index) ? $0.auc[index] : .nan }, decimals: 1,
        spread: repeated ? { $0.aucSpread.indices.contains(index) ? $0.aucSpread[index] : nil } : nil)
    }
    columns += [
      Column(title: "Precision", unit: "%", best: .largest, value: \.precision, decimals: 1),
      Column(title: "Matching score", unit: "%", best: .largest, value: \.matchingScore, decimals: 1),
      Column(title: "Matches", unit: "", best: .none, value: \.matches, decimals: 0),
      Column(title: "Inliers", unit: "", best: .none, value: \.inliers, decimals: 0),
      Column(title: "Failed", unit: "pairs", best: .smallest, value: { Double($0.failures) }, decimals: 0),
      Column(title: "Time", unit: "s a pair", best: .smallest, value: \.secondsPerPair, decimals: 2),
    ]
    return columns
  }

  /// What the columns mean, in a sentence or two.
  var note: String {
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
