// What an evaluation asks of a matcher: photos in, matches in the photos' pixels out, and a name for its options
// under which predictions can be kept.

import Imaging
import Pipeline

/// A matcher with all its options.
package protocol PairMatcher: Sendable {
  /// As on the command line.
  var name: String { get }
  /// Options, or model and hash, in one line.
  var description: String { get }
  /// Everything that predictions depend on besides the photos: they are kept under it.
  var identity: String { get }

  /// The size at which a photo is seen: robust thresholds are stated in its pixels.
  func seenSize(width: Int, height: Int) -> NetworkSize

  /// Matches two photos.
  func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction
}

/// What a matcher says of a pair, in pixels of the photos that it was given; best score first.
package struct Prediction: Equatable, Sendable {
  /// Points in the first photo.
  package var points0: [SIMD2<Double>]
  /// Points in the second photo.
  package var points1: [SIMD2<Double>]
  /// The matcher's own confidence, higher is better; comparable within a prediction only.
  package var scores: [Double]
  /// Points or cells of the first photo that could have been matched.
  package var keypoints0: Int
  /// Those of the second photo.
  package var keypoints1: Int
  /// Wall-clock seconds of matching.
  package var seconds: Double

  /// A prediction from its parts; the three lists have one length.
  package init(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], scores: [Double], keypoints0: Int, keypoints1: Int,
    seconds: Double
  ) {
    precondition(
      points0.count == points1.count && points0.count == scores.count, "every point needs its partner")
    self.points0 = points0
    self.points1 = points1
    self.scores = scores
    self.keypoints0 = keypoints0
    self.keypoints1 = keypoints1
    self.seconds = seconds
  }

  /// Number of matches.
  package var count: Int { points0.count }

  /// The `limit` matches of highest score, best first; the earlier one where scores tie.
  package func best(_ limit: Int) -> Prediction {
    let order = (0..<count).sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }.prefix(
      limit)
    var result = self
    result.points0 = order.map { points0[$0] }
    result.points1 = order.map { points1[$0] }
    result.scores = order.map { scores[$0] }
    return result
  }
}
