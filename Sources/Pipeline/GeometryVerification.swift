// Two-view geometry from correspondences: which model, which cameras, which thresholds.

import Geometry

package struct GeometryVerification: Sendable {
  package let kind: GeometryKind
  /// Needed for the essential matrix.
  package let cameras: Pair<Camera>?
  /// The threshold is in photo pixels.
  package let options: RobustOptions

  /// In pixels of the network's input: matches are precise to about half a pixel there, whatever the photo's size. A
  /// homography must also cover scenes that are not quite planar.
  package static func defaultThreshold(_ kind: GeometryKind) -> Double { kind == .homography ? 3 : 1.5 }

  package init(kind: GeometryKind, cameras: Pair<Camera>? = nil, options: RobustOptions) {
    self.kind = kind
    self.cameras = cameras
    self.options = options
  }

  /// In photo pixels.
  package static func defaultThreshold(_ kind: GeometryKind, _ scalings: Pair<PixelScaling>) -> Double {
    let factors = scalings.map { ($0.sx + $0.sy) / 2 }
    return defaultThreshold(kind) * (factors.first + factors.second) / 2
  }

  /// `matches` are in photo pixels; x1 = H x0, x1' F x0 = 0, X1 = R X0 + t.
  package func callAsFunction(_ matches: Correspondences) throws -> TwoViewGeometry {
    let (points0, points1) = (matches.points0, matches.points1)
    let scores = matches.scores.map { Float($0) }
    switch kind {
    case .homography:
      return try Homography.estimate(
        points0: points0, points1: points1, options: options, scores: scores, precisions: matches.precisions)
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
        scores: scores, precisions: matches.precisions)
    }
  }
}
