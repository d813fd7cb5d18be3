// Photos turned by quarters, or taken from several times the distance, are matched better when one of them is shown
// turned or small. Mostly the matches of the pair as it is tell of themselves how the photos stand to each other
// (`LocalSimilarity`): then it is left at them, or the one view that they tell of is tried. Where they are too few or
// contradict each other, the pair is looked at in all ways, small and without fine matching, and the best one is tried.
//
// The sum of the scores, which are probabilities, is the expected number of right matches: it says which views match
// better, without any geometry.

import Imaging

/// Which other ways to show a pair are tried.
package struct ViewSearch: Hashable, Sendable {
  /// Try quarter turns of the second photo.
  package var turns: Bool
  /// Try each photo much smaller than the other.
  package var scales: Bool

  /// Nothing else is tried.
  package static let none = ViewSearch(turns: false, scales: false)

  /// Vectors between neighbouring matches from which on their agreement counts.
  static let sufficientVectors = 500
  /// Agreement from which on the upright matches themselves tell how the photos stand to each other.
  static let clearAgreement = 0.5
  /// No further views are looked at where one has this share (see `PhotoMatcher.share`).
  static let sufficientShare = 0.08
  /// The smaller photo's share of its usual size: with what the network bridges itself, this reaches a ratio of 4.
  static let shrinking = 0.4
  /// Size of both photos in a look, as a share of the usual one.
  static let lookSize = 0.6

  /// Room around the matches of a part, as a share of its side.
  static let regionMargin = 0.08
  /// Parts of fewer pixels a side are not worth enlarging.
  static let smallestRegion = 24

  /// - Parameters:
  ///   - turns: try quarter turns of the second photo.
  ///   - scales: try each photo much smaller than the other.
  package init(turns: Bool, scales: Bool) {
    self.turns = turns
    self.scales = scales
  }

  /// The pairs of views to look at besides the upright one, in rounds; a round is skipped where an earlier one
  /// succeeds.
  var rounds: [[(PhotoView, PhotoView)]] {
    let counts = turns ? [1, 3, 2] : []
    func views(_ count: Int, _ shrinking: (Double, Double)) -> (PhotoView, PhotoView) {
      (PhotoView(shrinking: shrinking.0), PhotoView(turns: QuarterTurns(count), shrinking: shrinking.1))
    }
    let ratios = scales ? [(Self.shrinking, 1.0), (1.0, Self.shrinking)] : []
    // Ratios first: turned photos mostly match well enough to tell of themselves that they are.
    return [
      ratios.map { views(0, $0) },
      counts.map { views($0, (1, 1)) },
      ratios.flatMap { ratio in counts.map { views($0, ratio) } },
    ].filter { !$0.isEmpty }
  }

  /// The matches of the best views.
  ///
  /// - Parameters:
  ///   - match: matches the pair as it is shown by two views.
  ///   - share: how well two views match, roughly.
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

  /// The views under which photos that stand like this to each other look most alike.
  func views(for similarity: LocalSimilarity) -> (PhotoView, PhotoView) {
    var views = (PhotoView.upright, PhotoView.upright)
    if turns { views.1.turns = QuarterTurns(similarity.turns) }
    if scales && similarity.enlarged > 0.5 { views.1.shrinking = Self.shrinking }
    if scales && similarity.shrunk > 0.5 { views.0.shrinking = Self.shrinking }
    return views
  }

  /// The views of the largest share, from small looks.
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

  /// Where one photo had to be shrunk to match: it as a whole, and enlarged the part of the other that it shows.
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

  /// The part of a photo that holds the points, without the outermost ones, and some room around them.
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
  /// The sum of the scores, which are probabilities.
  var expectedRight: Double { correspondences.scores.reduce(0, +) }

  /// How the photos, both shown as a whole, stand to each other.
  var similarity: LocalSimilarity {
    let area = Double(frames.first.photoWidth * frames.first.photoHeight)
    let spacing = (area / Double(max(statistics.cells.first, 1))).squareRoot()
    return LocalSimilarity(correspondences, spacing: spacing)
  }
}
