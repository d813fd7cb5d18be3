// The geometry part of a run's record. x1 ~ H x0; x1' F x0 = 0; y1' E y0 = 0 with y = K^-1 x; X1 = R X0 + t;
// all for pixels of the original pictures.

import Geometry

/// The relation between the two pictures, or why there is none.
package struct GeometryRecord: Codable, Equatable, Sendable {
  /// "homography", "fundamental", "essential"; "none" where no geometry was asked for.
  package var kind: String
  /// Whether there is a model.
  package var estimated: Bool
  /// Why there is none; nil with a model and where none was asked for.
  package var reason: String?
  /// H, F or E by `kind`, three rows of three numbers.
  package var matrix: Matrix3?
  /// R, three rows of three numbers; only with an essential matrix.
  package var rotation: Matrix3?
  /// t, of length 1; only with an essential matrix.
  package var translation: SIMD3<Double>?
  /// The inliers that lie in front of both cameras; only with an essential matrix.
  package var inFront: Int?
  /// The matches that agree with the model.
  package var inliers: Int
  /// The largest error of an inlier, original pixels; nil where no geometry was asked for.
  package var threshold: Double?

  /// The record of an estimation that allowed inliers an error of `threshold` original pixels; nil: no geometry
  /// was asked for.
  init(_ geometry: TwoViewGeometry?, threshold: Double) {
    kind = geometry?.kind.rawValue ?? "none"
    estimated = geometry?.estimate != nil
    inliers = geometry?.estimate?.inlierCount ?? 0
    matrix = geometry?.estimate?.matrix
    rotation = geometry?.estimate?.pose?.rotation
    translation = geometry?.estimate?.pose?.translation
    inFront = geometry?.estimate?.pose?.inFrontCount
    if case .notEstimated(_, let why) = geometry { reason = why.description }
    self.threshold = geometry == nil ? nil : threshold
  }
}
