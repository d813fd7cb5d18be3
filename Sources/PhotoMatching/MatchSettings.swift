// Everything that may be asked of one pair, with the defaults: the command line fills this in, a library's caller
// likewise. Sizes and thresholds have their defaults here and nowhere else.

import Geometry
import Matching
import Models
import Pipeline

/// Which relation between the photos to estimate.
package enum GeometryRequest: String, CaseIterable, Sendable {
  case none, homography, fundamental, essential
}

/// The settings of a run.
package struct MatchSettings: Sendable {
  /// Longer side at which the network sees a photo unless the caller says otherwise, pixels.
  package static let defaultMaxSize = 640

  /// The network.
  package var model = ModelSource.embedded(ModelCatalog.defaultName)
  /// Longer side at which the network sees a photo, pixels; 0: as it is. Photos are never enlarged.
  package var maxSize = defaultMaxSize
  /// Other ways to show the pair to the network.
  package var search = ViewSearch(turns: true, scales: true)
  /// Least score and most matches.
  package var matching = MatchingOptions()
  /// What to estimate; nil: an essential matrix where the cameras are known, else a fundamental matrix.
  package var geometry: GeometryRequest?
  /// Both cameras, in pixels of the photos; nil: unknown.
  package var cameras: Pair<Camera>?
  package var estimator = Estimator.magsac
  /// Largest error of an inlier, photo pixels; nil: `GeometryVerification.defaultThreshold`.
  package var inlierThreshold: Double?
  /// Of the robust estimator.
  package var seed: UInt64 = 0
  /// Whether a homography or an essential matrix is refined on its inliers.
  package var refine = true
  /// Most threads; nil: one for each processor. Results are the same with any number.
  package var threads: Int?

  package init() {}

  /// The model to estimate; nil: none.
  package var geometryKind: GeometryKind? {
    GeometryKind(rawValue: (geometry ?? (cameras != nil ? .essential : .fundamental)).rawValue)
  }

  /// The options of robust estimation for matches that were found on photos scaled like this.
  package func robustOptions(_ scalings: Pair<PixelScaling>) -> RobustOptions {
    RobustOptions(
      estimator: estimator,
      threshold: inlierThreshold
        ?? GeometryVerification.defaultThreshold(geometryKind ?? .fundamental, scalings),
      seed: seed, refine: refine)
  }
}
