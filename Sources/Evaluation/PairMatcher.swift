// What an evaluation asks of a matcher: photos in, matches in the photos' pixels out, and a name for its options
// under which predictions can be kept.

import Geometry
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
  /// Scores are the matcher's own confidence; they compare within a prediction only.
  package var correspondences: Correspondences
  /// How many points or cells of each photo could have been matched.
  package var keypoints: Pair<Int>
  /// Wall-clock seconds of matching.
  package var seconds: Double

  /// Number of matches.
  package var count: Int { correspondences.count }
}
