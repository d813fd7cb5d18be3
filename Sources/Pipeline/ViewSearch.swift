// Photos turned by quarters, or taken from several times the distance, are beyond what the network was trained for.
// Where a pair hardly matches as it is, it is shown in other ways: first small, to find the best one, then in full.
//
// The sum of the scores, which are probabilities, is the expected number of right matches: it says how well a pair
// matches without any geometry.

import Imaging

/// Which other ways to show a pair are tried where it hardly matches.
public struct ViewSearch: Hashable, Sendable {
  /// Try quarter turns of the second photo.
  public var turns: Bool
  /// Try each photo much smaller than the other.
  public var scales: Bool

  /// Nothing else is tried.
  public static let none = ViewSearch(turns: false, scales: false)

  /// A pair matches well where the sum of its scores is this share of the cells of the photo with fewer.
  static let sufficientShare = 0.08
  /// The smaller photo's share of its usual size: with what the network bridges itself, this reaches a ratio of 4.
  static let shrinking = 0.4
  /// Size of both photos in the search, as a share of the usual one.
  static let searchSize = 0.6

  /// Room around the matches of a part, as a share of its side.
  static let regionMargin = 0.08
  /// Parts of fewer pixels a side are not worth enlarging.
  static let smallestRegion = 24

  /// - Parameters:
  ///   - turns: try quarter turns of the second photo.
  ///   - scales: try each photo much smaller than the other.
  public init(turns: Bool, scales: Bool) {
    self.turns = turns
    self.scales = scales
  }

  /// The pairs of views to try besides the upright one, in rounds; a round is skipped where an earlier one succeeds.
  var rounds: [[(PhotoView, PhotoView)]] {
    let counts = turns ? [1, 3, 2] : []
    func views(_ count: Int, _ shrinking: (Double, Double)) -> (PhotoView, PhotoView) {
      (PhotoView(shrinking: shrinking.0), PhotoView(turns: QuarterTurns(count), shrinking: shrinking.1))
    }
    let ratios = scales ? [(Self.shrinking, 1.0), (1.0, Self.shrinking)] : []
    return [
      counts.map { views($0, (1, 1)) },
      ratios.map { views(0, $0) },
      ratios.flatMap { ratio in counts.map { views($0, ratio) } },
    ].filter { !$0.isEmpty }
  }

  /// The matches of the best views.
  ///
  /// - Parameter match: matches the pair as it is shown by two views.
  func callAsFunction(_ match: (PhotoView, PhotoView) throws -> PhotoMatches) rethrows -> PhotoMatches {
    let upright = try match(.upright, .upright)
    guard (turns || scales) && !Self.isSufficient(upright) else { return upright }
    var best: (views: (PhotoView, PhotoView), matches: PhotoMatches)?
    for round in rounds {
      for views in round {
        let found = try match(Self.small(views.0), Self.small(views.1))
        if found.expectedRight > best?.matches.expectedRight ?? 0 { best = (views, found) }
      }
      if let best, Self.isSufficient(best.matches) { break }
    }
    guard let best else { return upright }
    var result = try match(best.views.0, best.views.1)
    if let closer = closer(best.views, result) {
      let found = try match(closer.0, closer.1)
      if found.expectedRight > result.expectedRight { result = found }
    }
    return result.expectedRight > upright.expectedRight ? result : upright
  }

  /// Where one photo had to be shrunk to match: it as a whole, and enlarged the part of the other that it shows.
  private func closer(
    _ views: (PhotoView, PhotoView), _ matches: PhotoMatches
  ) -> (PhotoView, PhotoView)? {
    guard views.0.shrinking != views.1.shrinking else { return nil }
    var closer = (PhotoView(turns: views.0.turns), PhotoView(turns: views.1.turns))
    if views.0.shrinking < 1 {
      guard let region = Self.region(of: matches.points1, in: matches.photoSizes[1]) else { return nil }
      closer.1.region = region
    } else {
      guard let region = Self.region(of: matches.points0, in: matches.photoSizes[0]) else { return nil }
      closer.0.region = region
    }
    return closer
  }

  /// The part of a photo that holds the points, without the outermost ones, and some room around them.
  private static func region(
    of points: [SIMD2<Double>], in size: (width: Int, height: Int)
  ) -> PixelRegion? {
    guard points.count >= 8 else { return nil }
    func range(_ values: [Double], _ side: Int) -> Range<Int>? {
      let sorted = values.sorted()
      let (low, high) = (sorted[sorted.count * 3 / 100], sorted[(sorted.count - 1) * 97 / 100])
      let room = (high - low) * regionMargin
      let (from, to) = (max(0, Int(low - room)), min(side, Int(high + room) + 1))
      return to - from >= smallestRegion ? from..<to : nil
    }
    guard let columns = range(points.map(\.x), size.width), let rows = range(points.map(\.y), size.height)
    else { return nil }
    return PixelRegion(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  private static func small(_ view: PhotoView) -> PhotoView {
    PhotoView(turns: view.turns, shrinking: view.shrinking * searchSize)
  }

  private static func isSufficient(_ matches: PhotoMatches) -> Bool {
    matches.expectedRight >= sufficientShare * Double(matches.statistics.cells.min() ?? 0)
  }
}

extension PhotoMatches {
  /// The sum of the scores.
  var expectedRight: Double { scores.reduce(0, +) }
}
