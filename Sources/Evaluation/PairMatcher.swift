import Geometry
import Imaging
import Pipeline

/// A matcher with all its options, as evaluations use it.
package protocol PairMatcher: Sendable {
  /// The command-line name.
  var name: String { get }
  /// Options, or model and hash, in one line.
  var description: String { get }
  /// Everything predictions depend on besides the photos: the matcher's part of the cache key.
  var identity: String { get }

  /// The input size for a photo of this size; robust thresholds are in its pixels.
  func seenSize(width: Int, height: Int) -> NetworkSize

  func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction
}

/// A matcher's output for a pair, in pixels of the photos it was given; best score first.
package struct Prediction: Equatable, Sendable {
  /// Scores are only comparable within a prediction.
  package var correspondences: Correspondences
  /// Number of matchable keypoints or cells in each photo.
  package var keypoints: Pair<Int>
  /// Wall-clock matching time.
  package var seconds: Double

  package var count: Int { correspondences.count }
}
