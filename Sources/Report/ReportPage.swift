import Evaluation
import Export
import Mustache

/// The report of an evaluation as one self-contained HTML file: style, script, charts and pictures are inline, and its
/// content security policy forbids loading anything. This module gathers the values; the markup in Resources (Mustache
/// templates, a style sheet, a script) is embedded into the program by the build.
package struct ReportPage {
  private let results: [EvaluationResult]
  private let matches: (PairOutcome) -> EvaluatedMatches?

  /// Reports results in this order. `matches` gives a pair's matches in pixels of the files at `path0` and `path1`, or
  /// nil; only the pairs of `DrawnPairs(of:)` are requested.
  package init(
    results: [EvaluationResult], matches: @escaping (PairOutcome) -> EvaluatedMatches? = { _ in nil }
  ) {
    self.results = results
    self.matches = matches
  }

  /// Page size limit: pictures shrink until it fits. Only the rows of very many pairs exceed it.
  private static let targetBytes = 2_900_000
  /// Lower bound on a picture's JPEG bytes, however long the tables are.
  private static let smallestPicture = 30_000

  /// The page; an unreadable photo's error takes the place of its picture. Throws only for a damaged template.
  package func html() throws -> String { try html(targetBytes: Self.targetBytes) }

  /// The page within `targetBytes`, as far as smaller pictures help.
  func html(targetBytes: Int) throws -> String {
    let templates = try Self.templates()
    var page = Page(sections: results.enumerated().map { ReportSection($1, index: $0) })
    func rendered() -> String { templates.render(page, withTemplate: "page") ?? "" }

    // Rendered without pictures first: the bytes left are for them.
    let drawn = results.map { DrawnPairs(of: $0) }
    let pictures = drawn.reduce(0) { $0 + $1.best.count + $1.worst.count }
    // Base64 writes three bytes as four characters; the caption takes a thousand.
    let room = (targetBytes - rendered().utf8.count) / max(1, pictures) - 1000
    let bytesPerPicture = max(Self.smallestPicture, room * 3 / 4)
    for (index, pairs) in drawn.enumerated() {
      page.sections[index].drawings = MatchDrawings(
        task: results[index].task, matches: matches, bytesPerPicture: bytesPerPicture
      ).columns(pairs)
    }
    return rendered()
  }

  private static func templates() throws -> MustacheLibrary {
    MustacheContentTypes.register(ReportContent(), named: "match-report")
    var library = MustacheLibrary()
    for (name, bytes) in [
      ("page", PackageResources.page_mustache), ("section", PackageResources.section_mustache),
      ("names", PackageResources.names_mustache),
    ] {
      // Each template sets its escaping, because included ones fall back to the library's own. The final newline is
      // dropped, as names are used inline.
      let text = String(decoding: bytes.dropLast(), as: UTF8.self)
      try library.register("{{% CONTENT_TYPE: match-report }}\n" + text, named: name)
    }
    return library
  }
}

/// The values of page.mustache.
private struct Page {
  let title: String
  let style = String(decoding: PackageResources.style_css, as: UTF8.self)
  let script = String(decoding: PackageResources.script_js, as: UTF8.self)
  /// Colours of ascending scores, as in the pictures.
  let scoreRamp = (0...8).map { step in
    let color = ScoreColors.color(Double(step) / 8)
    return "rgb(\(color.red) \(color.green) \(color.blue))"
  }.joined(separator: ", ")
  let hasNavigation: Bool
  var sections: [ReportSection]

  init(sections: [ReportSection]) {
    let parts = sections.map(\.title).joined(separator: " and ").lowercased()
    title = "Match evaluation" + (parts.isEmpty ? "" : ": \(parts)")
    hasNavigation = sections.count > 1
    self.sections = sections
  }
}
