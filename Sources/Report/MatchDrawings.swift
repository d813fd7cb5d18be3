import Evaluation
import Export
import Imaging

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The pairs whose matches the report draws.
package struct DrawnPairs: Equatable, Sendable {
  /// Best first.
  package var best: [PairOutcome]
  /// Worst first.
  package var worst: [PairOutcome]

  /// The first matcher's best and worst pairs, at most `count` of each, without overlap. Pairs without matches are left
  /// out; failed pairs have an infinite error.
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

/// Draws pairs' matches on their photos, as JPEG in data: URIs.
struct MatchDrawings {
  let task: EvaluationTask
  let matches: (PairOutcome) -> EvaluatedMatches?
  /// JPEG size limit of one picture.
  let bytesPerPicture: Int

  struct Column {
    var title: String
    var figures: [Figure]
  }

  /// A drawn pair with its caption.
  struct Figure {
    var error: String
    var names: PairNames
    var facts: String
    var image: Image?
    /// Why there is no image.
    var notDrawn: String?
  }

  /// A JPEG picture.
  struct Image {
    /// For screen readers.
    var description: String
    var width: Int
    var height: Int
    var base64: String
  }

  /// The best and the worst pairs; empty if no pair has matches.
  func columns(_ pairs: DrawnPairs) -> [Column] {
    [("Best", pairs.best), ("Worst", pairs.worst)].filter { !$0.1.isEmpty }
      .map { Column(title: $0, figures: $1.map(figure)) }
  }

  private func figure(_ pair: PairOutcome) -> Figure {
    let unit = task == .pose ? "\u{B0}" : " px"
    let error = pair.medianError.isFinite ? HTMLText.decimal(pair.medianError, 2) + unit : "failed"
    var facts = ["\(pair.matches) matches", "\(pair.inliers) inliers"]
    if let precision = pair.precision { facts.append("\(HTMLText.decimal(100 * precision, 0))% precise") }
    if let grade = pair.grade { facts.append(grade) }
    var figure = Figure(error: error, names: PairNames(pair), facts: facts.joined(separator: ", "))
    do {
      figure.image = try image(
        pair, description: "Matches of \(pair.image0) and \(pair.image1): error \(error)")
      if figure.image == nil { figure.notDrawn = "the matches of this pair were not kept" }
    } catch {
      figure.notDrawn = "\(error)"
    }
    return figure
  }

  /// The largest and best picture that fits `bytesPerPicture`; nil without matches.
  private func image(_ pair: PairOutcome, description: String) throws -> Image? {
    guard let found = matches(pair) else { return nil }
    let drawn = try MatchPicture.render(
      left: ImageReader(path: pair.path0).color(), right: ImageReader(path: pair.path1).color(),
      correspondences: found.correspondences, inliers: found.inliers, caption: nil
    ).image
    var image: Image?
    for (wanted, quality) in [(1280, 80), (1280, 68), (1024, 68), (800, 60), (640, 50), (480, 40)] {
      let width = min(wanted, drawn.width)
      let height = max(1, (drawn.height * width + drawn.width / 2) / drawn.width)
      let file = try ImageEncoder.encode(
        drawn.resized(width: width, height: height), as: "matches.jpg", quality: quality)
      image = Image(
        description: description, width: width, height: height, base64: Data(file).base64EncodedString())
      if file.count <= bytesPerPicture { break }
    }
    return image
  }
}
