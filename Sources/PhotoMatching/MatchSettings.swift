// All settings of matching a pair, for the command line and library users alike. Defaults of sizes and thresholds are
// here and nowhere else.

import Geometry
import Matching
import Models
import Pipeline

package enum GeometryRequest: String, CaseIterable, Sendable {
  case none, homography, fundamental, essential
}

package struct MatchSettings: Sendable {
  /// In pixels.
  package static let defaultMaxSize = 640

  package var model = ModelSource.embedded(ModelCatalog.defaultName)
  /// Longer side of the network's input, in pixels; 0 for the photo's own. Photos are never enlarged.
  package var maxSize = defaultMaxSize
  package var search = ViewSearch(turns: true, scales: true)
  package var matching = MatchingOptions()
  package var precision = PrecisionMode.verified
  /// Nil: an essential matrix if the cameras are known, else a fundamental matrix.
  package var geometry: GeometryRequest?
  /// In pixels of the photos; nil if unknown.
  package var cameras: Pair<Camera>?
  package var estimator = Estimator.magsac
  /// Largest error of an inlier, in photo pixels; nil for `GeometryVerification.defaultThreshold`.
  package var inlierThreshold: Double?
  /// Of the robust estimator.
  package var seed: UInt64 = 0
  /// Whether to refine a homography or essential matrix on its inliers.
  package var refine = true
  /// Nil: one per processor. Results do not depend on it.
  package var threads: Int?

  package init() {}

  /// Nil for none.
  package var geometryKind: GeometryKind? {
    GeometryKind(rawValue: (geometry ?? (cameras != nil ? .essential : .fundamental)).rawValue)
  }

  /// `scalings` map the network's pixels to the photos'.
  package func robustOptions(_ scalings: Pair<PixelScaling>) -> RobustOptions {
    RobustOptions(
      estimator: estimator,
      threshold: inlierThreshold
        ?? GeometryVerification.defaultThreshold(geometryKind ?? .fundamental, scalings),
      seed: seed, refine: refine)
  }
}
