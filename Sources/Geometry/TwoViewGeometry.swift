// What the matches between two pictures say about them: one of three models, or why there is none.
// Conventions: x1 ~ H x0; x1' F x0 = 0; y1' E y0 = 0 with y = K^-1 x; X1 = R X0 + t.

/// The model that relates two pictures.
package enum GeometryKind: String, CaseIterable, Codable, Sendable {
  /// A plane, or a camera that only turned: x1 ~ H x0.
  case homography
  /// Any rigid scene, cameras unknown: x1' F x0 = 0.
  case fundamental
  /// Any rigid scene, cameras known: y1' E y0 = 0.
  case essential

  /// The number of matches from which the model is estimated at all: one more than a sample, because matches that
  /// a model fits exactly do not confirm it. (7 matches allow up to three fundamental matrices, 5 up to ten
  /// essential ones.)
  package var minimumMatches: Int {
    switch self {
    case .homography: 5
    case .fundamental: 8
    case .essential: 6
    }
  }
}

/// The motion from camera 0 to camera 1: X1 = R X0 + t. The length of t is unknown and set to 1.
package struct RelativePose: Equatable, Codable, Sendable {
  /// R, from the axes of camera 0 to those of camera 1.
  package let rotation: Matrix3
  /// t, a unit vector.
  package let translation: SIMD3<Double>
  /// The inliers that lie in front of both cameras.
  package let inFrontCount: Int

  package init(rotation: Matrix3, translation: SIMD3<Double>, inFrontCount: Int) {
    self.rotation = rotation
    self.translation = translation
    self.inFrontCount = inFrontCount
  }
}

/// A model and the matches that agree with it.
package struct TwoViewEstimate: Equatable, Sendable {
  /// Which model.
  package let kind: GeometryKind
  /// H with H[2,2] = 1 (unless that is 0); F and E with Frobenius norm 1 and the largest value positive.
  package let matrix: Matrix3
  /// The motion; only with an essential matrix.
  package let pose: RelativePose?
  /// For each match, in the order given, whether it agrees.
  package let inlierMask: [Bool]
  /// The number of matches that agree.
  package let inlierCount: Int

  /// An estimate from its parts; counts the inliers.
  package init(kind: GeometryKind, matrix: Matrix3, pose: RelativePose? = nil, inlierMask: [Bool]) {
    self.kind = kind
    self.matrix = matrix
    self.pose = pose
    self.inlierMask = inlierMask
    inlierCount = inlierMask.count { $0 }
  }
}

/// The outcome of an estimation.
package enum TwoViewGeometry: Equatable, Sendable {
  /// A model.
  case estimated(TwoViewEstimate)
  /// No model, and why.
  case notEstimated(GeometryKind, NotEstimatedReason)

  /// The model, if there is one.
  package var estimate: TwoViewEstimate? {
    if case .estimated(let estimate) = self { estimate } else { nil }
  }

  /// The model asked for.
  package var kind: GeometryKind {
    switch self {
    case .estimated(let estimate): estimate.kind
    case .notEstimated(let kind, _): kind
    }
  }
}

/// Why matches do not determine a model. The description completes "not estimated: ".
package enum NotEstimatedReason: Equatable, Sendable {
  /// Fewer matches than the model needs.
  case tooFewMatches(found: Int, needed: Int)
  /// A coordinate is infinite or not a number.
  case notFinite(match: Int)
  /// All points of one picture coincide or lie on one line.
  case collinear(image: Int)
  /// Hardly a match moved by more than the threshold: without a baseline there is no epipolar geometry.
  case noMotion(threshold: Double)
  /// The estimator found nothing that fits.
  case noModel(matches: Int)
  /// A model came out, but too few matches agree with it.
  case tooFewInliers(found: Int, needed: Int)
  /// The matches that agree lie on one line, or the matrix cannot be inverted.
  case degenerateModel
}

extension NotEstimatedReason: CustomStringConvertible {
  /// One line that completes "not estimated: ".
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
