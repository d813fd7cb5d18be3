// The best and the worst pairs of the first matcher, with their matches drawn on the photos: what a figure in the
// table looks like. Pictures are JPEG in data: URIs, made smaller until all of them fit what the page has room for.

import Export
import Imaging

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The pairs that the report shows.
package struct DrawnPairs: Equatable, Sendable {
  /// Those with the smallest errors, the best first.
  package var best: [PairOutcome]
  /// Those with the largest errors, the worst first.
  package var worst: [PairOutcome]

  /// The best and the worst pairs of the result's first matcher, at most `count` of each and none twice.
  ///
  /// Pairs without a match are left out: there is nothing to draw. Failed pairs count as infinitely wrong.
  package init(of result: EvaluationResult, count: Int = 3) {
    let matcher = result.matchers.first?.matcher ?? result.pairs.first?.matcher
    let drawable = result.pairs.filter { $0.matcher == matcher && $0.matches > 0 }
    let order = drawable.indices.sorted { first, second in
      let errors = (drawable[first].medianError, drawable[second].medianError)
      return errors.0 != errors.1 ? errors.0 < errors.1 : first < second
    }
    let shown = min(count, (order.count + 1) / 2)
    best = order.prefix(shown).map { drawable[$0] }
    worst = order.dropFirst(shown).suffix(count).reversed().map { drawable[$0] }
  }
}

/// Draws pairs into figures.
struct MatchDrawings {
  /// Of which result.
  var result: EvaluationResult
  /// Finds the matches of a pair.
  var matches: (PairOutcome) -> EvaluatedMatches?
  /// Most bytes of one picture, as JPEG.
  var bytesPerPicture: Int

  /// The best beside the worst.
  var html: String {
    let drawn = DrawnPairs(of: result)
    guard !drawn.best.isEmpty else { return "<p class=\"note\">No pair has matches to draw.</p>" }
    var parts = ["<div class=\"drawings\">", figures("Best", drawn.best)]
    if !drawn.worst.isEmpty { parts.append(figures("Worst", drawn.worst)) }
    return (parts + ["</div>"]).joined(separator: "\n")
  }

  private func figures(_ title: String, _ pairs: [PairOutcome]) -> String {
    "<div>\n<h4>\(title)</h4>\n" + pairs.map(figure).joined(separator: "\n") + "\n</div>"
  }

  private func figure(_ pair: PairOutcome) -> String {
    let unit = result.task == .pose ? "\u{B0}" : " px"
    let error = pair.medianError.isFinite ? HTMLText.decimal(pair.medianError, 2) + unit : "failed"
    var facts = ["\(pair.matches) matches", "\(pair.inliers) inliers"]
    if let precision = pair.precision { facts.append("\(HTMLText.decimal(100 * precision, 0))% precise") }
    if let grade = pair.grade { facts.append(grade) }
    let picture: String
    switch jpeg(pair) {
    case .success(let bytes):
      let alternative = HTMLText.escaped("Matches of \(pair.image0) and \(pair.image1): error \(error)")
      picture =
        "<img alt=\"\(alternative)\" width=\"\(bytes.width)\" height=\"\(bytes.height)\" "
        + "src=\"data:image/jpeg;base64,\(Data(bytes.file).base64EncodedString())\">"
    case .failure(let failure):
      picture = "<p class=\"note\">Not drawn: \(HTMLText.escaped(failure.reason)).</p>"
    }
    return "<figure>\(picture)<figcaption><b>\(HTMLText.escaped(error))</b> \(PairTable.name(pair))<br>"
      + "<small>\(HTMLText.escaped(facts.joined(separator: ", ")))</small></figcaption></figure>"
  }

  private struct NotDrawn: Error { var reason: String }

  /// A picture file and its extents.
  private struct Picture {
    var file: [UInt8]
    var width: Int
    var height: Int
  }

  /// The matches drawn, as large and as good as the room for one picture allows.
  private func jpeg(_ pair: PairOutcome) -> Result<Picture, NotDrawn> {
    guard let found = matches(pair) else {
      return .failure(NotDrawn(reason: "the matches of this pair were not kept"))
    }
    do {
      let drawn = try MatchPicture.render(
        left: ImageReader(path: pair.path0).color(), right: ImageReader(path: pair.path1).color(),
        correspondences: found.correspondences, inliers: found.inliers, caption: nil
      ).image
      var picture = Picture(file: [], width: 0, height: 0)
      for (wanted, quality) in [(1280, 80), (1280, 68), (1024, 68), (800, 60), (640, 50), (480, 40)] {
        let width = min(wanted, drawn.width)
        let height = max(1, (drawn.height * width + drawn.width / 2) / drawn.width)
        let file = try ImageEncoder.encode(
          drawn.resized(width: width, height: height), as: "matches.jpg", quality: quality)
        picture = Picture(file: file, width: width, height: height)
        if file.count <= bytesPerPicture { break }
      }
      return .success(picture)
    } catch {
      return .failure(NotDrawn(reason: "\(error)"))
    }
  }
}
