import Files
import Evaluation

/// One row per pair and matcher, sorted and filtered in the page (in evaluation order without JavaScript), and the
/// failed pairs with their reasons.
struct PairTable {
  let filters: [Filter]
  let heads: [ColumnHead]
  let rows: [Row]
  /// The pairs without an estimate.
  let failures: [Failure]

  struct Filter {
    var label: String
    /// The rows' data attribute it filters by.
    var name: String
    var values: [String]
  }

  struct Row {
    var matcher: String
    var grade: String?
    var names: PairNames
    /// nil if the pair failed.
    var error: String?
    var numbers: [String]
    /// The grade's cell; nil if no pair has a grade.
    var shownGrade: String?
  }

  struct Failure {
    var matcher: String
    var names: PairNames
    var reason: String
  }

  init(_ result: EvaluationResult) {
    let (isPose, grades) = (result.task == .pose, result.grades)
    let unit = isPose ? "\u{B0}" : "px"
    filters = [
      Filter(label: "Matcher", name: "matcher", values: result.matcherNames),
      Filter(label: "Grade", name: "grade", values: grades),
    ].filter { $0.values.count > 1 }
    // The error comes early: a phone shows only the first columns without a swipe.
    var heads = [
      ColumnHead(title: "Matcher"), ColumnHead(title: "Pair"), ColumnHead(title: "Error", unit: unit),
    ]
    if isPose {
      heads += [ColumnHead(title: "Rotation", unit: unit), ColumnHead(title: "Translation", unit: unit)]
    }
    heads += [
      ColumnHead(title: "Precision", unit: "%"), ColumnHead(title: "Matches"), ColumnHead(title: "Inliers"),
      ColumnHead(title: "Time", unit: "s"),
    ]
    if !grades.isEmpty { heads.append(ColumnHead(title: "Grade")) }
    self.heads = heads

    rows = result.pairs.map { pair in
      let error = pair.medianError
      func number(_ value: Double?, _ decimals: Int) -> String { HTMLText.decimal(value ?? .nan, decimals) }
      let angles = isPose ? [number(pair.rotationError, 2), number(pair.translationError, 2)] : []
      return Row(
        matcher: pair.matcher, grade: pair.grade, names: PairNames(pair),
        error: error.isFinite ? number(error, 2) : nil,
        numbers: angles + [
          number(pair.precision.map { $0 * 100 }, 1), "\(pair.matches)", "\(pair.inliers)",
          number(pair.seconds, 2),
        ], shownGrade: grades.isEmpty ? nil : pair.grade ?? HTMLText.missing)
    }
    failures = result.pairs.filter { $0.failure != nil || !$0.medianError.isFinite }.map { pair in
      Failure(
        matcher: pair.matcher, names: PairNames(pair),
        reason: pair.failure ?? "most of the \(pair.errors.count) repeats gave no estimate")
    }
  }
}

/// A pair's image names split at slashes, for names.mustache.
struct PairNames {
  let first: [String]
  /// Without its folder if that is the first one's.
  let second: [String]

  init(_ pair: PairOutcome) {
    let (name0, name1) = (Self.pieces(pair.image0), Self.pieces(pair.image1))
    first = name0
    second = name0.dropLast() == name1.dropLast() ? Array(name1.suffix(1)) : name1
  }

  private static func pieces(_ name: String) -> [String] {
    name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  }
}
