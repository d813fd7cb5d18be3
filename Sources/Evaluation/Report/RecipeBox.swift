// The recipe of an evaluation, in full: a figure without it cannot be compared with another.

import Export
import Files

/// The box above the table that says how the figures came about.
struct RecipeBox {
  /// Whose recipe it is.
  var result: EvaluationResult

  /// A description list of every field, and the matchers with their options.
  var html: String {
    let entries = fields.map {
      "<div><dt>\(HTMLText.escaped($0.name))</dt><dd>\(HTMLText.escaped($0.value))</dd></div>"
    }
    var parts = ["<dl class=\"recipe\">"] + entries + ["</dl>"]
    if !descriptions.isEmpty {
      parts.append("<ul class=\"matchers\">")
      for entry in descriptions {
        parts.append(
          "<li>\(SeriesKey.swatch(entry.series))<b>\(HTMLText.escaped(entry.name))</b> "
            + "\(HTMLText.escaped(entry.text))</li>")
      }
      parts.append("</ul>")
    }
    return parts.joined(separator: "\n")
  }

  private var fields: [(name: String, value: String)] {
    let recipe = result.recipe
    let precise =
      result.task == .pose
      ? "epipolar error below \(HTMLText.short(recipe.precisionThreshold))"
      : "within \(HTMLText.short(recipe.precisionThreshold)) px"
    let repeats =
      recipe.repeats > 1
      ? "\(recipe.repeats) on shuffled matches; figures are means"
      : counted(recipe.repeats, "estimation")
    return [
      ("Dataset", recipe.dataset),
      ("Protocol", recipe.protocolName),
      ("Estimator", recipe.estimator),
      ("Threshold", "\(HTMLText.short(recipe.threshold)) px (\(recipe.thresholdMeaning))"),
      ("Confidence", HTMLText.short(recipe.confidence)),
      ("Iterations", "at most \(recipe.maxIterations)"),
      ("Repeats", repeats),
      ("Seed", String(recipe.seed)),
      ("Photos", recipe.maxSize > 0 ? "longer side at most \(recipe.maxSize) px" : "as they are"),
      ("A match is precise", precise),
      ("Machine", recipe.machine),
      ("Threads", String(recipe.threads)),
      ("Program", "match \(result.version)"),
    ]
  }

  /// Every matcher once, with its options.
  private var descriptions: [(series: Int, name: String, text: String)] {
    let key = SeriesKey(result)
    return key.names.enumerated().map { series, name in
      (series, name, result.matchers.first { $0.matcher == name }?.description ?? "")
    }
  }
}

/// Which colour and dashes belong to which matcher.
struct SeriesKey {
  /// The matchers in the order asked for; the position is the number of the series.
  let names: [String]

  /// The matchers of a result.
  init(_ result: EvaluationResult) {
    var names: [String] = []
    for name in result.matchers.map(\.matcher) + result.pairs.map(\.matcher) where !names.contains(name) {
      names.append(name)
    }
    self.names = names
  }

  /// A small piece of the matcher's line.
  static func swatch(_ series: Int) -> String {
    "<svg class=\"swatch\" viewBox=\"0 0 26 8\" aria-hidden=\"true\"><line class=\"line s"
      + "\(series % CurveChart.seriesCount)\" x1=\"1\" x2=\"25\" y1=\"4\" y2=\"4\"/></svg>"
  }

  /// A small piece of the line of a matcher with this name.
  func swatch(of name: String) -> String { names.firstIndex(of: name).map(Self.swatch) ?? "" }
}
