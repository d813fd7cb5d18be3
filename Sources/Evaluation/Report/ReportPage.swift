// The report of an evaluation as one HTML file that needs nothing else: style, script, charts and pictures are
// inside, and its content security policy forbids to load anything. It works without JavaScript; sorting and
// filtering then stay away.

import Export

/// Makes `report.html`.
package struct ReportPage {
  /// What is reported, in this order.
  package let results: [EvaluationResult]
  private let matches: (PairOutcome) -> EvaluatedMatches?

  /// A report of some results, one for poses and one for homographies as a rule.
  ///
  /// - Parameters:
  ///   - results: what is reported.
  ///   - matches: the matches of a pair in pixels of the files at `path0` and `path1`, with the inliers
  ///     marked; nil where they are not at hand. It is asked for the pairs of `DrawnPairs(of:)` alone.
  package init(
    results: [EvaluationResult], matches: @escaping (PairOutcome) -> EvaluatedMatches? = { _ in nil }
  ) {
    self.results = results
    self.matches = matches
  }

  /// Most bytes that the page may have; pictures shrink until it fits. Only rows of very many pairs exceed it.
  static let targetBytes = 2_900_000
  /// Pictures get at least this much, in bytes as JPEG, however long the tables are.
  private static let smallestPicture = 30_000

  /// The page.
  ///
  /// A pair whose photos cannot be read is shown with the reason in place of its picture.
  package func html() -> String { html(targetBytes: Self.targetBytes) }

  /// The page with at most so many bytes, as far as smaller pictures help.
  func html(targetBytes: Int) -> String {
    let sections = results.enumerated().map { ReportSection(result: $1, index: $0) }
    let texts = sections.map { (opening: $0.opening, closing: $0.closing) }
    let frame = (
      head: head(sections), tail: "</main>\n<script>\n\(ReportScript.text)</script>\n</body>\n</html>\n"
    )

    let used = texts.reduce(frame.head.utf8.count + frame.tail.utf8.count) {
      $0 + $1.opening.utf8.count + $1.closing.utf8.count
    }
    let pictures = results.reduce(0) { sum, result in
      let drawn = DrawnPairs(of: result)
      return sum + drawn.best.count + drawn.worst.count
    }
    // Base64 writes three bytes as four characters; a thousand go to the caption.
    let room = (targetBytes - used) / max(1, pictures) - 1000
    let bytesPerPicture = max(Self.smallestPicture, room * 3 / 4)

    var page = frame.head
    for (result, text) in zip(results, texts) {
      let drawings = MatchDrawings(
        result: result, matches: matches, bytesPerPicture: bytesPerPicture)
      page += text.opening + "\n" + drawings.html + "\n" + text.closing + "\n"
    }
    if results.isEmpty { page += "<p class=\"lead\">Nothing was evaluated.</p>\n" }
    return page + frame.tail
  }

  private func head(_ sections: [ReportSection]) -> String {
    let titles = sections.map(\.title)
    let title =
      (["Match evaluation"] + (titles.isEmpty ? [] : [titles.joined(separator: " and ").lowercased()]))
      .joined(separator: ": ")
    let links = sections.map { "<a href=\"#\($0.prefix)\">\($0.title)</a>" }.joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(title)</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <link rel="icon" href="data:,">
      <style>
      \(ReportStyle.text)</style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      \(sections.count > 1 ? "<nav aria-label=\"Parts\">\n\(links)\n</nav>" : "")
      </header>
      <main>

      """
  }
}
