// The two-view geometry of matches: one of three models, or why there is none.
// Conventions: x1 ~ H x0; x1' F x0 = 0; y1' E y0 = 0 with y = K^-1 x; X1 = R X0 + t.

package enum GeometryKind: String, CaseIterable, Codable, Sendable {
  /// A plane, or a purely rotating camera: x1 ~ H x0.
  case homography
  /// Any rigid scene, cameras unknown: x1' F x0 = 0.
  case fundamental
  /// Any rigid scene, cameras known: y1' E y0 = 0.
  case essential

  /// Fewest matches a model is estimated from: one more than a minimal sample, because matches that a model fits
  /// exactly do not confirm it. (7 matches allow up to three F, 5 up to ten E.)
  package var minimumMatches: Int {
    switch self {
    case .homography: 5
    case .fundamental: 8
    case .essential: 6
    }
  }
}

/// The motion from camera 0 to camera 1, X1 = R X0 + t, with t of length 1 as its scale is unknown.
package struct RelativePose: Equatable, Codable, Sendable {
  package let rotation: Matrix3
  package let translation: SIMD3<Double>
  /// Number of inliers in front of both cameras.
  package let inFrontCount: Int

  package init(rotation: Matrix3, translation: SIMD3<Double>, inFrontCount: Int) {
    self.rotation = rotation
    self.translation = translation
    self.inFrontCount = inFrontCount
  }
}

/// A model and its inliers.
package struct TwoViewEstimate: Equatable, Sendable {
  package let kind: GeometryKind
  /// H with H[2,2] = 1 (unless that is 0); F and E with Frobenius norm 1 and the largest value positive.
  package let matrix: Matrix3
  /// With an essential matrix only.
  package let pose: RelativePose?
  /// Per match, in the order given.
  package let inlierMask: [Bool]
  package let inlierCount: Int

  package init(kind: GeometryKind, matrix: Matrix3, pose: RelativePose? = nil, inlierMask: [Bool]) {
    self.kind = kind
    self.matrix = matrix
    self.pose = pose
    self.inlierMask = inlierMask
    inlierCount = inlierMask.count { $0 }
  }
}

package enum TwoViewGeometry: Equatable, Sendable {
  case estimated(TwoViewEstimate)
  case notEstimated(GeometryKind, NotEstimatedReason)

  package var estimate: TwoViewEstimate? {
    if case .estimated(let estimate) = self { estimate } else { nil }
  }

  package var kind: GeometryKind {
    switch self {
    case .estimated(let estimate): estimate.kind
    case .notEstimated(let kind, _): kind
    }
  }
}

/// Why matches do not determine a model; the description completes "not estimated: ".
package enum NotEstimatedReason: Equatable, Sendable {
  case tooFewMatches(found: Int, needed: Int)
  case notFinite(match: Int)
  /// All points of one image coincide or lie on one line.
  case collinear(image: Int)
  /// Hardly a match moves by more than the threshold: no baseline, no epipolar geometry.
  case noMotion(threshold: Double)
  case noModel(matches: Int)
  case tooFewInliers(found: Int, needed: Int)
  /// The inliers are collinear, or the matrix is singular.
  case degenerateModel
}

extension NotEstimatedReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooFewMatches(let found, let needed): "\(found) matches, at least \(needed) are needed"
    case .notFinite(let match): "match \(match) has a coordinate that is not finite"
    case .collinear(let image): "all points of image \(image) lie on one line"
    case .noMotion(let threshold):
      "hardly a match moves by more than \((threshold * 100).rounded() / 100) px between the images"
    case .noModel(let matches): "no model fits the \(matches) matches"
    case .tooFewInliers(let found, let needed): "\(found) inliers, at least \(needed) are needed"
    case .degenerateModel: "the inliers do not determine the model"
    }
  }
}
