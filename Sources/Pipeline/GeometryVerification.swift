// Two-view geometry from correspondences: which model, which cameras, which thresholds.

import Geometry

/// How to verify correspondences geometrically.
package struct GeometryVerification: Sendable {
  /// The model to estimate.
  package let kind: GeometryKind
  /// Cameras of both photos, for the essential matrix.
  package let cameras: (Camera, Camera)?
  /// Estimator, threshold in photo pixels, confidence, iterations, seed.
  package let options: RobustOptions

  /// Threshold of an inlier in pixels that the network sees, where the caller names none: matches are about half
  /// a pixel precise there, whatever the photo's own size. A homography must also carry what is not quite a plane.
  package static func defaultThreshold(_ kind: GeometryKind) -> Double { kind == .homography ? 3 : 1.5 }

  /// - Parameters:
  ///   - kind: the model to estimate.
  ///   - cameras: cameras of both photos; needed for the essential matrix only.
  ///   - options: estimator, threshold in photo pixels, confidence, iterations, seed.
  package init(kind: GeometryKind, cameras: (Camera, Camera)? = nil, options: RobustOptions) {
    self.kind = kind
    self.cameras = cameras
    self.options = options
  }

  /// The default threshold in the photos' own pixels.
  package static func defaultThreshold(_ kind: GeometryKind, _ scalings: [PixelScaling]) -> Double {
    let factors = scalings.map { ($0.sx + $0.sy) / 2 }
    return defaultThreshold(kind) * factors.reduce(0, +) / Double(max(factors.count, 1))
  }

  /// Points in photo pixels, and their scores for estimators that sample the best first; x1 = H x0, x1' F x0 = 0, X1 = R X0 + t.
  package func callAsFunction(
    _ points0: [SIMD2<Double>], _ points1: [SIMD2<Double>], scores: [Double]? = nil
  ) throws -> TwoViewGeometry {
    let scores = scores?.map { Float($0) }
    switch kind {
    case .homography:
      return try Homography.estimate(points0: points0, points1: points1, options: options, scores: scores)
    case .fundamental:
      return try FundamentalMatrix.estimate(
        points0: points0, points1: points1, options: options, scores: scores)
    case .essential:
      guard let (camera0, camera1) = cameras else {
        throw GeometryError.invalidOption(
          name: "cameras", value: "none", allowed: "both cameras for an essential matrix")
      }
      return try EssentialMatrix.estimate(
        points0: points0, points1: points1, camera0: camera0, camera1: camera1, options: options,
        scores: scores)
    }
  }
}
