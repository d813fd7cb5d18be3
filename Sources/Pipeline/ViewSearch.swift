// Photos rotated by quarter turns, or taken from several times the distance, match better if one is shown rotated or
// small. Usually the upright matches reveal the relation (`LocalSimilarity`), and at most the one view they suggest is
// tried. If they are too few or contradictory, all views are tried small and without fine matching, and the best one in
// full.
//
// Scores are probabilities, so their sum is the expected number of right matches: it ranks views without any geometry.

import Imaging

/// Which other views of a pair are tried.
package struct ViewSearch: Hashable, Sendable {
  /// Quarter turns of the second photo.
  package var turns: Bool
  /// Each photo much smaller than the other.
  package var scales: Bool

  package static let none = ViewSearch(turns: false, scales: false)

  /// Fewer vectors between neighbouring matches say nothing.
  static let sufficientVectors = 500
  /// From this agreement on, the upright matches are trusted to reveal the relation.
  static let clearAgreement = 0.5
  /// No further views are tried once one has this share (see `PhotoMatcher.share`).
  static let sufficientShare = 0.08
  /// Share of the usual size for the smaller photo: with what the network bridges itself, this reaches a ratio of 4.
  static let shrinking = 0.4
  /// Size of both photos in a first look, as a share of the usual one.
  static let lookSize = 0.6

  /// Margin around the matches of a part, as a share of its side.
  static let regionMargin = 0.08
  /// Smaller parts, in pixels per side, are not worth enlarging.
  static let smallestRegion = 24

  package init(turns: Bool, scales: Bool) {
    self.turns = turns
    self.scales = scales
  }

  /// The pairs of views to try besides the upright one, in rounds; later rounds are skipped once one succeeds.
  var rounds: [[(PhotoView, PhotoView)]] {
    let counts = turns ? [1, 3, 2] : []
    func views(_ count: Int, _ shrinking: (Double, Double)) -> (PhotoView, PhotoView) {
      (PhotoView(shrinking: shrinking.0), PhotoView(turns: QuarterTurns(count), shrinking: shrinking.1))
    }
    let ratios = scales ? [(Self.shrinking, 1.0), (1.0, Self.shrinking)] : []
    // Ratios first: rotated photos mostly match well enough to reveal that they are.
    return [
      ratios.map { views(0, $0) },
      counts.map { views($0, (1, 1)) },
      ratios.flatMap { ratio in counts.map { views($0, ratio) } },
    ].filter { !$0.isEmpty }
  }

  /// The matches of the best views. `match` matches the pair under two views; `share` is a cheap measure of how well
  /// two views match.
  func callAsFunction(
    match: (PhotoView, PhotoView) throws -> PhotoMatches, share: (PhotoView, PhotoView) throws -> Double
  ) rethrows -> PhotoMatches {
    let upright = try match(.upright, .upright)
    guard self != .none else { return upright }
    let similarity = upright.similarity
    let isClear =
      similarity.count >= Self.sufficientVectors && similarity.agreement >= Self.clearAgreement
    let views = isClear ? self.views(for: similarity) : try bestViews(share)
    guard views != (.upright, .upright) else { return upright }
    var result = try match(views.0, views.1)
    if let closer = closer(views, result) {
      let found = try match(closer.0, closer.1)
      if found.expectedRight > result.expectedRight { result = found }
    }
    return result.expectedRight > upright.expectedRight ? result : upright
  }

  /// The views under which such photos look most alike.
  func views(for similarity: LocalSimilarity) -> (PhotoView, PhotoView) {
    var views = (PhotoView.upright, PhotoView.upright)
    if turns { views.1.turns = QuarterTurns(similarity.turns) }
    if scales && similarity.enlarged > 0.5 { views.1.shrinking = Self.shrinking }
    if scales && similarity.shrunk > 0.5 { views.0.shrinking = Self.shrinking }
    return views
  }

  /// The views of the largest share, from first looks.
  private func bestViews(
    _ share: (PhotoView, PhotoView) throws -> Double
  ) rethrows -> (PhotoView, PhotoView) {
    var best = (PhotoView.upright, PhotoView.upright)
    var largest = try share(Self.look(best.0), Self.look(best.1))
    for round in rounds where largest < Self.sufficientShare {
      for views in round {
        let found = try share(Self.look(views.0), Self.look(views.1))
        if found > largest { (best, largest) = (views, found) }
      }
    }
    return best
  }

  /// If one photo had to be shrunk to match: all of it, and the part of the other that it shows, enlarged.
  private func closer(
    _ views: (PhotoView, PhotoView), _ matches: PhotoMatches
  ) -> (PhotoView, PhotoView)? {
    guard views.0.shrinking != views.1.shrinking else { return nil }
    var closer = (PhotoView(turns: views.0.turns), PhotoView(turns: views.1.turns))
    if views.0.shrinking < 1 {
      guard let region = Self.region(of: matches.correspondences.points1, in: matches.frames.second)
      else { return nil }
      closer.1.region = region
    } else {
      guard let region = Self.region(of: matches.correspondences.points0, in: matches.frames.first)
      else { return nil }
      closer.0.region = region
    }
    return closer
  }

  /// The part of a photo that contains the points except the outermost, with some margin.
  private static func region(
    of points: [SIMD2<Double>], in frame: SeenFrame
  ) -> PixelRegion? {
    guard points.count >= 8 else { return nil }
    func range(_ values: [Double], _ side: Int) -> Range<Int>? {
      let sorted = values.sorted()
      let (low, high) = (sorted[sorted.count * 3 / 100], sorted[(sorted.count - 1) * 97 / 100])
      let room = (high - low) * regionMargin
      let (from, to) = (max(0, Int(low - room)), min(side, Int(high + room) + 1))
      return to - from >= smallestRegion ? from..<to : nil
    }
    guard let columns = range(points.map(\.x), frame.photoWidth),
      let rows = range(points.map(\.y), frame.photoHeight)
    else { return nil }
    return PixelRegion(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  private static func look(_ view: PhotoView) -> PhotoView {
    PhotoView(turns: view.turns, shrinking: view.shrinking * lookSize)
  }
}

extension PhotoMatches {
  var expectedRight: Double { correspondences.scores.reduce(0, +) }

  /// The relation of the photos, both shown whole.
  var similarity: LocalSimilarity {
    let area = Double(frames.first.photoWidth * frames.first.photoHeight)
    let spacing = (area / Double(max(statistics.cells.first, 1))).squareRoot()
    return LocalSimilarity(correspondences, spacing: spacing)
  }
}
