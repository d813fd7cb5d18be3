// The options of the default subcommand, as they were in force: a default is recorded like a given value.

import Geometry
import Pipeline

/// Every option of a run. Names are those of the command line; an option that was off has no value.
package struct RunOptions: Codable, Equatable, Sendable {
  /// The longer side at which the network sees a picture, pixels; 0: as the pictures are.
  package var maxSize: Int
  /// Whether quarter turns might be tried: "none" or "auto".
  package var rotations = "none"
  /// Whether ratios of scale might be tried: "none" or "auto".
  package var scales = "none"
  /// "network", "refined" or "verified".
  package var precision = PrecisionMode.network.rawValue
  /// The least score of a match, 0...1.
  package var threshold: Double
  /// The most matches, those of highest score; nil: all.
  package var maxMatches: Int?
  /// "none", "homography", "fundamental" or "essential".
  package var geometry: String
  /// The robust estimator's name; see `Estimator`.
  package var estimator: String
  /// The largest error of an inlier, original pixels.
  package var inlierThreshold: Double
  /// The probability that one sample without outliers was drawn, below 1.
  package var confidence: Double
  /// The most samples that the estimator draws.
  package var maxIterations: Int
  /// The first camera in original pixels; nil: unknown.
  package var camera0: Camera?
  /// The second camera in original pixels; nil: unknown.
  package var camera1: Camera?
  /// Threads used.
  package var threads: Int
  /// The start of the random numbers.
  package var seed: UInt64
  /// Whether the model was refined on its inliers; a fundamental matrix never is.
  package var refine: Bool
  /// The name of an embedded model; nil where `weights` names a file.
  package var model: String?
  /// The model file as given; nil: an embedded model.
  package var weights: String?
}
