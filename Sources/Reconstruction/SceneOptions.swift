import Geometry
import Tracks

/// How matches are merged and verified, and which cameras the images get.
package struct SceneOptions: Sendable {
  package var merging = MergePreset.precise.settings
  /// Of the verification.
  package var robust = RobustOptions()
  /// Largest error of an inlier, image pixels; nil: `networkThreshold`, scaled to the images.
  package var inlierThreshold: Double?
  /// The camera of every image, in our pixels of the photo as seen; nil: unknown.
  package var camera: Camera?
  /// Whether every image has its own camera; otherwise images of the same size and focal length share one.
  package var hasCameraPerImage = false
  /// The folder of the photos, for their EXIF data; nil: not read.
  package var photos: String?
  package var threads = 1

  /// Largest error of an inlier, in the network's pixels.
  package static let networkThreshold = 1.5

  package init() {}
}

/// The figures of an export.
package struct SceneSummary: Sendable {
  /// Keypoints of each image.
  package var keypointCounts: [Int] = []
  package var cameraCount = 0
  /// Cameras with a known focal length.
  package var knownFocalCount = 0
  /// Pairs that were matched.
  package var pairCount = 0
  /// Pairs that `match batch` could not match.
  package var failedCount = 0
  /// Pairs that `match batch` has yet to match.
  package var missingCount = 0
  /// Matches in the store.
  package var storedCount = 0
  /// Matches that merging kept.
  package var mergedCount = 0
  /// Matches that agree with the geometry of their pair.
  package var inlierCount = 0
  /// Pairs by configuration.
  package var configurations: [TwoViewConfiguration: Int] = [:]
  /// Of the verified matches.
  package var tracks = TrackStatistics()
  /// Distances of verified matches' keypoints from the stored points, image pixels.
  package var shift = ErrorHistogram()

  package init() {}
}
