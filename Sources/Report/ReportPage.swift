// The report of an evaluation as one HTML file that needs nothing else: style, script, charts and pictures are
// inside, and its content security policy forbids loading anything. The values shown are gathered here and in the
// other files of this module; their markup is in Resources, as Mustache templates, a style sheet and a script, which
// the build embeds into the program.

import Evaluation
import Export
import Mustache

/// Makes the page.
package struct ReportPage {
  private let results: [EvaluationResult]
  private let matches: (PairOutcome) -> EvaluatedMatches?

  /// A report of some results, as a rule one for poses and one for homographies.
  ///
  /// - Parameters:
  ///   - results: what is reported, in this order.
  ///   - matches: the matches of a pair in pixels of the files at `path0` and `path1`, with the inliers
  ///     marked; nil where they are not at hand. It is asked for the pairs of `DrawnPairs(of:)` alone.
  package init(
    results: [EvaluationResult], matches: @escaping (PairOutcome) -> EvaluatedMatches? = { _ in nil }
  ) {
    self.results = results
    self.matches = matches
  }

  /// Most bytes that the page may have; pictures shrink until it fits. Only rows of very many pairs exceed it.
  private static let targetBytes = 2_900_000
  /// Pictures get at least this much, in bytes as JPEG, however long the tables are.
  private static let smallestPicture = 30_000

  /// The page. A pair whose photos cannot be read is shown with the reason in place of its picture.
  /// Throws errors of the template library, which only a damaged template causes.
  package func html() throws -> String { try html(targetBytes: Self.targetBytes) }

  /// The page with at most so many bytes, as far as smaller pictures help.
  func html(targetBytes: Int) throws -> String {
    let templates = try Self.templates()
    var page = Page(sections: results.enumerated().map { ReportSection($1, index: $0) })
    func rendered() -> String { templates.render(page, withTemplate: "page") ?? "" }

    // Without pictures first: the bytes left over are for them.
    let drawn = results.map { DrawnPairs(of: $0) }
    let pictures = drawn.reduce(0) { $0 + $1.best.count + $1.worst.count }
    // Base64 writes three bytes as four characters; a thousand go to the caption.
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
      // Each template states its escaping, because those that others include go back to the library's own. The line
      // end that closes a file is no part of it: names stand inside a line.
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
  /// Colours of rising scores, as in the pictures.
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
