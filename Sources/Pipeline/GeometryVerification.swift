// Two-view geometry from correspondences: which model, which cameras, which thresholds.

import Geometry

/// How to verify correspondences geometrically.
package struct GeometryVerification: Sendable {
  /// The model to estimate.
  package let kind: GeometryKind
  /// Cameras of both photos, for the essential matrix.
  package let cameras: Pair<Camera>?
  /// Estimator, threshold in photo pixels, confidence, iterations, seed.
  package let options: RobustOptions

  /// Threshold of an inlier in pixels that the network sees, where the caller names none: matches are about half
  /// a pixel precise there, whatever the photo's own size. A homography must also carry what is not quite a plane.
  package static func defaultThreshold(_ kind: GeometryKind) -> Double { kind == .homography ? 3 : 1.5 }

  /// - Parameters:
  ///   - kind: the model to estimate.
  ///   - cameras: cameras of both photos; needed for the essential matrix only.
  ///   - options: estimator, threshold in photo pixels, confidence, iterations, seed.
  package init(kind: GeometryKind, cameras: Pair<Camera>? = nil, options: RobustOptions) {
    self.kind = kind
    self.cameras = cameras
    self.options = options
  }

  /// The default threshold in the photos' own pixels.
  package static func defaultThreshold(_ kind: GeometryKind, _ scalings: Pair<PixelScaling>) -> Double {
    let factors = scalings.map { ($0.sx + $0.sy) / 2 }
    return defaultThreshold(kind) * (factors.first + factors.second) / 2
  }

  /// The relation between two photos from matches in their pixels; x1 = H x0, x1' F x0 = 0, X1 = R X0 + t.
  package func callAsFunction(_ matches: Correspondences) throws -> TwoViewGeometry {
    let (points0, points1) = (matches.points0, matches.points1)
    let scores = matches.scores.map { Float($0) }
    switch kind {
    case .homography:
      return try Homography.estimate(points0: points0, points1: points1, options: options, scores: scores)
    case .fundamental:
      return try FundamentalMatrix.estimate(
        points0: points0, points1: points1, options: options, scores: scores)
    case .essential:
      guard let cameras else {
        throw GeometryError.invalidOption(
          name: "cameras", value: "none", allowed: "both cameras for an essential matrix")
      }
      return try EssentialMatrix.estimate(
        points0: points0, points1: points1, camera0: cameras.first, camera1: cameras.second, options: options,
        scores: scores)
    }
  }
}
