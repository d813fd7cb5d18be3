// The options of the default subcommand, as they were in force: a default is recorded like a given value.

import Geometry

/// Every option of a run. Names are those of the command line; an option that was off has no value.
public struct RunOptions: Codable, Equatable, Sendable {
  /// The longer side at which the network sees a picture, pixels; 0: as the pictures are.
  public var maxSize: Int
  /// Whether quarter turns might be tried: "none" or "auto".
  public var rotations: String
  /// Whether ratios of scale might be tried: "none" or "auto".
  public var scales: String
  /// The least score of a match, 0...1.
  public var threshold: Double
  /// The most matches, those of highest score; nil: all.
  public var maxMatches: Int?
  /// "none", "homography", "fundamental" or "essential".
  public var geometry: String
  /// The robust estimator's name; see `Estimator`.
  public var estimator: String
  /// The largest error of an inlier, original pixels.
  public var inlierThreshold: Double
  /// The probability that one sample without outliers was drawn, below 1.
  public var confidence: Double
  /// The most samples that the estimator draws.
  public var maxIterations: Int
  /// The first camera in original pixels; nil: unknown.
  public var camera0: Camera?
  /// The second camera in original pixels; nil: unknown.
  public var camera1: Camera?
  /// Threads used.
  public var threads: Int
  /// The start of the random numbers.
  public var seed: UInt64
  /// Whether the model was refined on its inliers; a fundamental matrix never is.
  public var refine: Bool
  /// The name of an embedded model; nil where `weights` names a file.
  public var model: String?
  /// The model file as given; nil: an embedded model.
  public var weights: String?

  /// Options from their values.
  public init(
    maxSize: Int, rotations: String = "none", scales: String = "none", threshold: Double,
    maxMatches: Int? = nil, geometry: String, estimator: String, inlierThreshold: Double, confidence: Double,
    maxIterations: Int, camera0: Camera? = nil,
    camera1: Camera? = nil, threads: Int, seed: UInt64, refine: Bool,
    model: String? = nil, weights: String? = nil
  ) {
    self.maxSize = maxSize
    self.rotations = rotations
    self.scales = scales
    self.threshold = threshold
    self.maxMatches = maxMatches
    self.geometry = geometry
    self.estimator = estimator
    self.inlierThreshold = inlierThreshold
    self.confidence = confidence
    self.maxIterations = maxIterations
    self.camera0 = camera0
    self.camera1 = camera1
    self.threads = threads
    self.seed = seed
    self.refine = refine
    self.model = model
    self.weights = weights
  }
}
