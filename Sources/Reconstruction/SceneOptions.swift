// How pairs become a scene.

import Geometry
import Tracks

/// How matches are merged and verified, and which cameras the images get.
package struct SceneOptions: Sendable {
  /// How finely matches are merged.
  package var merging = MergePreset.precise.settings
  /// Estimator and seed of the verification.
  package var robust = RobustOptions()
  /// Largest error of an inlier, image pixels; nil: `networkThreshold` as the network saw the images.
  package var inlierThreshold: Double?
  /// The camera of every image, our pixels of the photo as it is seen; nil: unknown.
  package var camera: Camera?
  /// Whether every image has a camera of its own; else images of one size and focal length share one.
  package var hasCameraPerImage = false
  /// The folder of the photos, for their EXIF data; nil: the data is not read.
  package var photos: String?
  /// Threads of the verification.
  package var threads = 1

  /// Largest error of an inlier in pixels that the network sees.
  package static let networkThreshold = 1.5

  /// The defaults; EXIF data is not read.
  package init() {}
}

/// What an export found.
package struct SceneSummary: Sendable {
  /// Number of keypoints of each image.
  package var keypointCounts: [Int] = []
  /// Number of cameras.
  package var cameraCount = 0
  /// Number of cameras with a known focal length.
  package var knownFocalCount = 0
  /// Number of pairs that were matched.
  package var pairCount = 0
  /// Number of pairs that `match batch` could not match.
  package var failedCount = 0
  /// Number of pairs that `match batch` has yet to match.
  package var missingCount = 0
  /// Number of matches in the store.
  package var storedCount = 0
  /// Number of matches that merging kept.
  package var mergedCount = 0
  /// Number of matches that agree with the geometry of their pair.
  package var inlierCount = 0
  /// Number of pairs by configuration.
  package var configurations: [TwoViewConfiguration: Int] = [:]
  /// Tracks of the verified matches.
  package var tracks = TrackStatistics()
  /// How far the keypoints of verified matches are from the points that they stand for, image pixels.
  package var shift = ErrorHistogram()

  /// Nothing yet.
  package init() {}
}
