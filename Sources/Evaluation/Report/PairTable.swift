// The rows of single pairs, to be sorted and filtered in the page, and the pairs that failed with their reasons.
// Without JavaScript the table stands in the order of the evaluation.

/// Tables with a row for each pair and matcher.
struct PairTable {
  /// What is shown.
  var result: EvaluationResult
  /// Makes the ids of this table's elements unique in the page.
  var prefix: String

  /// The table with its filters.
  var html: String {
    let (isPose, grades) = (result.task == .pose, self.grades)
    let unit = isPose ? "\u{B0}" : "px"
    var heads = [("Matcher", ""), ("Pair", "")]
    // The error comes early: the first columns are all that a telephone shows without a swipe.
    heads.append(("Error", unit))
    if isPose { heads += [("Rotation", unit), ("Translation", unit)] }
    heads += [("Precision", "%"), ("Matches", ""), ("Inliers", ""), ("Time", "s")]
    if !grades.isEmpty { heads.append(("Grade", "")) }

    var parts = [
      "<div class=\"filters\" hidden>",
      filter("Matcher", "matcher", SeriesKey(result).names),
      filter("Grade", "grade", grades),
      "<output id=\"\(prefix)-count\" aria-live=\"polite\"></output>",
      "</div>",
      "<div class=\"scroll rows\" role=\"region\" tabindex=\"0\" aria-label=\"Table of pairs\">",
      "<table class=\"pairs\" id=\"\(prefix)-pairs\" data-count=\"\(prefix)-count\">",
      "<thead><tr>"
        + heads.map { name, unit in
          let shown = unit.isEmpty ? name : "\(name) <small>\(unit)</small>"
          return "<th scope=\"col\" aria-sort=\"none\"><button type=\"button\">\(shown)</button></th>"
        }.joined() + "</tr></thead>",
      "<tbody>",
    ]
    parts += result.pairs.map { row($0, showsGrade: !grades.isEmpty) }
    parts += ["</tbody>", "</table>", "</div>"]
    return parts.joined(separator: "\n")
  }

  /// The pairs without an estimate, each with its reason.
  var failures: String {
    let failed = result.pairs.filter { $0.failure != nil || !$0.medianError.isFinite }
    guard !failed.isEmpty else { return "<p class=\"note\">No pair failed.</p>" }
    var parts = [
      "<div class=\"scroll rows\" role=\"region\" tabindex=\"0\" aria-label=\"Failed pairs\">",
      "<table class=\"failures\">",
      "<thead><tr><th scope=\"col\">Matcher</th><th scope=\"col\">Pair</th><th scope=\"col\">Reason</th></tr>"
        + "</thead>",
      "<tbody>",
    ]
    parts += failed.map { pair in
      let reason = pair.failure ?? "most of the \(pair.errors.count) repeats gave no estimate"
      return "<tr><td>\(HTMLText.escaped(pair.matcher))</td><td>\(Self.name(pair))</td>"
        + "<td>\(HTMLText.escaped(reason))</td></tr>"
    }
    parts += ["</tbody>", "</table>", "</div>"]
    return parts.joined(separator: "\n")
  }

  /// The names of both images, a folder that they share once; a long name may break behind each folder.
  static func name(_ pair: PairOutcome) -> String {
    var second = pair.image1[...]
    if let slash = pair.image0.lastIndex(of: "/") {
      let folder = pair.image0[...slash]
      if second.hasPrefix(folder), !second.dropFirst(folder.count).contains("/") {
        second = second.dropFirst(folder.count)
      }
    }
    return [pair.image0, String(second)].map { name in
      "<bdi>"
        + HTMLText.escaped(name).split(separator: "/", omittingEmptySubsequences: false)
        .joined(separator: "/<wbr>") + "</bdi>"
    }.joined(separator: " \u{2192} ")
  }

  private var grades: [String] {
    var grades: [String] = []
    for case let grade? in result.pairs.map(\.grade) where !grades.contains(grade) { grades.append(grade) }
    return grades
  }

  private func filter(_ label: String, _ name: String, _ values: [String]) -> String {
    guard values.count > 1 else { return "" }
    let options = values.map { "<option>\(HTMLText.escaped($0))</option>" }.joined()
    return "<label>\(label) <select data-filter=\"\(name)\" aria-controls=\"\(prefix)-pairs\">"
      + "<option value=\"\">all</option>\(options)</select></label>"
  }

  private func row(_ pair: PairOutcome, showsGrade: Bool) -> String {
    let error = pair.medianError
    func number(_ value: Double?, _ decimals: Int) -> String {
      "<td>" + (value.map { HTMLText.decimal($0, decimals) } ?? HTMLText.missing) + "</td>"
    }
    var cells = "<td>\(HTMLText.escaped(pair.matcher))</td><td>\(Self.name(pair))</td>"
    cells += error.isFinite ? number(error, 2) : "<td class=\"bad\">failed</td>"
    if result.task == .pose { cells += number(pair.rotationError, 2) + number(pair.translationError, 2) }
    cells += number(pair.precision.map { $0 * 100 }, 1)
    cells += "<td>\(pair.matches)</td><td>\(pair.inliers)</td>" + number(pair.seconds, 2)
    if showsGrade { cells += "<td>\(HTMLText.escaped(pair.grade ?? HTMLText.missing))</td>" }
    let grade = pair.grade.map { " data-grade=\"\(HTMLText.escaped($0))\"" } ?? ""
    return "<tr data-matcher=\"\(HTMLText.escaped(pair.matcher))\"\(grade)>\(cells)</tr>"
  }
}
