// Which of F, E and H explains the matches of a pair of views. The configurations, their numbers and the rules are
// COLMAP's (TwoViewGeometry; Schoenberger and Frahm 2016, section 4.1): E if it keeps nearly all inliers of F; a plane
// or a rotating camera if H keeps most of them.

import Geometry
import Glibc

/// Raw values are COLMAP's `config`.
package enum TwoViewConfiguration: Int, CaseIterable, Sendable {
  /// Too few inliers of any model.
  case degenerate = 1
  /// E, cameras calibrated.
  case calibrated = 2
  /// F, calibration unknown.
  case uncalibrated = 3
  /// H of a plane, with a baseline.
  case planar = 4
  /// H of a purely rotating camera.
  case panoramic = 5
  /// H, either of the two.
  case planarOrPanoramic = 6
}

/// x1' F x0 = 0, y1' E y0 = 0, x1 ~ H x0; nil where not found.
package struct VerifiedViews: Equatable, Sendable {
  package var configuration: TwoViewConfiguration
  package var fundamental: Matrix3?
  /// Only if the cameras are known.
  package var essential: Matrix3?
  package var homography: Matrix3?
  /// From E.
  package var pose: RelativePose?
  package var inliers: [Bool]

  package init(configuration: TwoViewConfiguration, inliers: [Bool]) {
    self.configuration = configuration
    self.inliers = inliers
  }

  static func degenerate(count: Int) -> VerifiedViews {
    VerifiedViews(
      configuration: .degenerate, inliers: [Bool](repeating: false, count: count))
  }

  package var inlierCount: Int { inliers.count { $0 } }
}

package struct TwoViewVerification: Sendable {
  /// Fewer inliers are chance (COLMAP's mapper skips such pairs, too).
  package static let minimumInliers = 15
  /// E must keep this share of F's inliers.
  private static let essentialShare = 0.95
  /// H must keep this share of the inliers of E or F.
  private static let homographyShare = 0.8
  /// A rotating camera must explain this share of H's inliers.
  private static let rotationShare = 0.9

  /// The threshold is replaced by each pair's.
  package let options: RobustOptions

  package init(options: RobustOptions = RobustOptions()) { self.options = options }

  /// `threshold`: largest error of an inlier, in image pixels; `cameras`: if both are known. Throws `GeometryError`.
  package func callAsFunction(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], scores: [Double], threshold: Double,
    cameras: (Camera, Camera)? = nil
  ) throws(GeometryError) -> VerifiedViews {
    var options = options
    options.threshold = threshold
    let scores = scores.map { Float($0) }
    let homography = try Homography.estimate(
      points0: points0, points1: points1, options: options, scores: scores
    ).estimate
    let fundamental = try FundamentalMatrix.estimate(
      points0: points0, points1: points1, options: options, scores: scores
    ).estimate
    var essential: TwoViewEstimate?
    if let cameras {
      essential = try EssentialMatrix.estimate(
        points0: points0, points1: points1, camera0: cameras.0, camera1: cameras.1, options: options,
        scores: scores
      ).estimate
    }
    return Self.decide(
      fundamental: fundamental, essential: essential, homography: homography, points0: points0,
      points1: points1, threshold: threshold, cameras: cameras)
  }

  private static func decide(
    fundamental: TwoViewEstimate?, essential: TwoViewEstimate?, homography: TwoViewEstimate?,
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], threshold: Double, cameras: (Camera, Camera)?
  ) -> VerifiedViews {
    func share(_ estimate: TwoViewEstimate?, of other: TwoViewEstimate) -> Double {
      Double(estimate?.inlierCount ?? 0) / Double(max(other.inlierCount, 1))
    }
    func isEnough(_ estimate: TwoViewEstimate?) -> Bool { estimate?.inlierCount ?? 0 >= minimumInliers }
    var views = VerifiedViews.degenerate(count: points0.count)
    views.fundamental = fundamental?.matrix
    views.homography = homography?.matrix
    var epipolar: TwoViewEstimate?
    if let essential, isEnough(essential),
      fundamental.map({ share(essential, of: $0) > essentialShare }) ?? true
    {
      views.configuration = .calibrated
      (views.essential, views.pose) = (essential.matrix, essential.pose)
      if let fundamental, fundamental.inlierCount > essential.inlierCount {
        epipolar = fundamental
      } else {
        epipolar = essential
      }
      if views.fundamental == nil, let (camera0, camera1) = cameras {
        views.fundamental = fundamentalMatrix(essential.matrix, camera0, camera1)
      }
    } else if let fundamental, isEnough(fundamental) {
      views.configuration = .uncalibrated
      epipolar = fundamental
    }
    if let epipolar { views.inliers = epipolar.inlierMask }
    if let homography, isEnough(homography),
      epipolar.map({ share(homography, of: $0) > homographyShare }) ?? true
    {
      views.configuration = planeOrTurn(homography, points0, points1, threshold, cameras)
      if homography.inlierCount > views.inlierCount { views.inliers = homography.inlierMask }
    }
    return views
  }

  /// Whether H is that of a purely rotating camera; only known cameras can tell.
  private static func planeOrTurn(
    _ homography: TwoViewEstimate, _ points0: [SIMD2<Double>], _ points1: [SIMD2<Double>],
    _ threshold: Double, _ cameras: (Camera, Camera)?
  ) -> TwoViewConfiguration {
    guard let (camera0, camera1) = cameras, let inverse0 = camera0.matrix.inverse,
      let inverse1 = camera1.matrix.inverse
    else { return .planarOrPanoramic }
    guard let rotation = nearestRotation(inverse1 * homography.matrix * camera0.matrix) else {
      return .planar
    }
    let turn = camera1.matrix * rotation * inverse0
    let explained = points0.indices.count {
      homography.inlierMask[$0] && ReprojectionError.forward(turn, points0[$0], points1[$0]) <= threshold
    }
    return Double(explained) >= rotationShare * Double(homography.inlierCount) ? .panoramic : .planar
  }

  /// The rotation nearest to a multiple of one: Newton's iteration for the polar decomposition (Higham 1986).
  static func nearestRotation(_ matrix: Matrix3) -> Matrix3? {
    let determinant = matrix.determinant
    guard determinant.isFinite, determinant != 0 else { return nil }
    var current = (1 / cbrt(determinant)) * matrix
    for _ in 0..<32 {
      guard let inverse = current.inverse else { return nil }
      let next = Matrix3(
        rowMajor: zip(current.rowMajor, inverse.transpose.rowMajor).map { ($0 + $1) / 2 })
      let change = zip(next.rowMajor, current.rowMajor).reduce(0) { $0 + abs($1.0 - $1.1) }
      current = next
      if change < 1e-14 { break }
    }
    return current
  }

  /// F of E, with x = K y.
  private static func fundamentalMatrix(_ essential: Matrix3, _ camera0: Camera, _ camera1: Camera)
    -> Matrix3?
  {
    guard let inverse0 = camera0.matrix.inverse, let inverse1 = camera1.matrix.inverse else { return nil }
    return inverse1.transpose * essential * inverse0
  }
}
