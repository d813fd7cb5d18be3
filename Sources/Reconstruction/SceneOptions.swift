// How pairs become a scene.

import Geometry
import Tracks

/// How matches are merged and verified, and which cameras the images get.
public struct SceneOptions: Sendable {
  /// How finely matches are merged.
  public var merging = MergePreset.precise.settings
  /// Estimator and seed of the verification.
  public var robust = RobustOptions()
  /// Largest error of an inlier, image pixels; nil: `networkThreshold` as the network saw the images.
  public var inlierThreshold: Double?
  /// The camera of every image, our pixels of the photo as it is seen; nil: unknown.
  public var camera: Camera?
  /// Whether every image has a camera of its own; else images of one size and focal length share one.
  public var hasCameraPerImage = false
  /// The folder of the photos, for their EXIF data; nil: the data is not read.
  public var photos: String?
  /// Threads of the verification.
  public var threads = 1

  /// Largest error of an inlier in pixels that the network sees.
  public static let networkThreshold = 1.5

  /// The defaults; EXIF data is not read.
  public init() {}
}

/// What an export found.
public struct SceneSummary: Sendable {
  /// Number of keypoints of each image.
  public var keypointCounts: [Int] = []
  /// Number of cameras.
  public var cameraCount = 0
  /// Number of cameras with a known focal length.
  public var knownFocalCount = 0
  /// Number of pairs that were matched.
  public var pairCount = 0
  /// Number of pairs that `match batch` could not match.
  public var failedCount = 0
  /// Number of pairs that `match batch` has yet to match.
  public var missingCount = 0
  /// Number of matches in the store.
  public var storedCount = 0
  /// Number of matches that merging kept.
  public var mergedCount = 0
  /// Number of matches that agree with the geometry of their pair.
  public var inlierCount = 0
  /// Number of pairs by configuration.
  public var configurations: [TwoViewConfiguration: Int] = [:]
  /// Tracks of the verified matches.
  public var tracks = TrackStatistics()
  /// Sampson distances of the verified matches' stored points to the F that they determine, image pixels.
  public var errorBefore = ErrorHistogram()
  /// The same of the keypoints that stand for these points, to the same F.
  public var errorAfter = ErrorHistogram()
  /// How far keypoints are from the points that they stand for, image pixels.
  public var shift = ErrorHistogram()

  /// Nothing yet.
  public init() {}
}
