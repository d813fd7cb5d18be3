import Geometry
import Imaging
import Pipeline

/// How matches become an estimate. Protocols differ in the estimator only, so they share predictions.
package enum EvaluationProtocol: String, Codable, CaseIterable, Sendable {
  /// The published recipe of SuperGlue, LoFTR and their successors (docs/evaluation.md): OpenCV's RANSAC at 0.5 px of
  /// the original photos (pose) or 3 px (homography).
  case classic
  /// The program's own estimate: MAGSAC++ refined on the inliers, with the threshold in the matcher's input pixels.
  case modern
  /// `modern` without the refinement, to show what that gains.
  case unrefined

  /// Only this many best matches count towards a homography.
  package static let homographyMatches = 1000
  /// Photos of homography pairs are resized to this shorter side, pixels.
  package static let homographyShorterSide = 480

  package static func framing(_ task: EvaluationTask) -> PhotoFraming {
    PhotoFraming(shorterSide: task == .homography ? homographyShorterSide : nil)
  }

  /// Default bound on a precise match: squared epipolar error (the field's outdoor value) or pixels.
  package static func precisionThreshold(_ task: EvaluationTask) -> Double { task == .pose ? 1e-4 : 3 }

  func figures(
    _ task: EvaluationTask
  ) -> (estimator: String, threshold: Double, meaning: String, confidence: Double, iterations: Int) {
    let framed = "photos resized to a shorter side of \(Self.homographyShorterSide)"
    switch (self, task) {
    case (.classic, .pose):
      let recipe = ClassicPose()
      return (
        "RANSAC (OpenCV findEssentialMat, recoverPose)", recipe.threshold, "pixels of the photos",
        recipe.confidence, 1000
      )
    case (.classic, .homography):
      return (
        "RANSAC (OpenCV findHomography)", ClassicHomography().threshold, "pixels of \(framed)", 0.995, 2000
      )
    case (.modern, _), (.unrefined, _):
      let options = RobustOptions()
      let kind: GeometryKind = task == .pose ? .essential : .homography
      let meaning = "pixels that the matcher sees" + (task == .pose ? "" : " of \(framed)")
      return (
        "MAGSAC++ (OpenCV)" + (self == .modern ? ", refined on the inliers" : ""),
        GeometryVerification.defaultThreshold(kind), meaning, options.confidence, options.maxIterations
      )
    }
  }

  /// The pose from matches in framed pixels.
  func pose(
    _ framed: FramedPrediction, _ truth: PoseTruth, matcher: any PairMatcher, threshold: Double?, seed: UInt64
  ) throws(GeometryError) -> Estimate<RelativePose> {
    let matches = framed.prediction.correspondences
    switch self {
    case .classic:
      var recipe = ClassicPose(shuffle: seed)
      if let threshold { recipe.threshold = threshold }
      guard
        let result = try recipe(
          points0: matches.points0, points1: matches.points1, camera0: truth.camera0, camera1: truth.camera1)
      else { return .none(reason: "no pose from \(matches.count) matches") }
      return .some(result.pose, inliers: result.inlierMask)
    case .modern, .unrefined:
      let geometry = try EssentialMatrix.estimate(
        points0: matches.points0, points1: matches.points1, camera0: truth.camera0, camera1: truth.camera1,
        options: options(.essential, framed, matcher: matcher, threshold: threshold, seed: seed),
        precisions: matches.precisions)
      switch geometry {
      case .notEstimated(_, let reason): return .none(reason: "no pose: \(reason)")
      case .estimated(let estimate):
        guard let pose = estimate.pose else { return .none(reason: "no pose from \(matches.count) matches") }
        return .some(pose, inliers: estimate.inlierMask)
      }
    }
  }

  /// The homography from matches in framed pixels.
  func homography(
    _ framed: FramedPrediction, matcher: any PairMatcher, threshold: Double?, seed: UInt64
  ) throws(GeometryError) -> Estimate<Matrix3> {
    let matches = framed.prediction.correspondences
    switch self {
    case .classic:
      var recipe = ClassicHomography(shuffle: seed)
      if let threshold { recipe.threshold = threshold }
      guard let estimate = try recipe(points0: matches.points0, points1: matches.points1) else {
        return .none(reason: "no homography from \(matches.count) matches")
      }
      return .some(estimate.matrix, inliers: estimate.inlierMask)
    case .modern, .unrefined:
      let geometry = try Homography.estimate(
        points0: matches.points0, points1: matches.points1,
        options: options(.homography, framed, matcher: matcher, threshold: threshold, seed: seed),
        precisions: matches.precisions)
      switch geometry {
      case .notEstimated(_, let reason): return .none(reason: "no homography: \(reason)")
      case .estimated(let estimate): return .some(estimate.matrix, inliers: estimate.inlierMask)
      }
    }
  }

  /// The program's own options, with the threshold converted to framed pixels.
  private func options(
    _ kind: GeometryKind, _ framed: FramedPrediction, matcher: any PairMatcher, threshold: Double?,
    seed: UInt64
  ) -> RobustOptions {
    let scalings = Pair(framed.frame0, framed.frame1).map { frame in
      let size = matcher.seenSize(width: frame.width, height: frame.height)
      return PixelScaling(
        originalWidth: frame.width, originalHeight: frame.height, resizedWidth: size.width,
        resizedHeight: size.height)
    }
    // A custom threshold is converted to framed pixels like the default.
    let scale = threshold.map { $0 / GeometryVerification.defaultThreshold(kind) } ?? 1
    return RobustOptions(
      threshold: scale * GeometryVerification.defaultThreshold(kind, scalings), seed: seed,
      refine: self == .modern)
  }
}

/// An estimate with its inliers, or why there is none.
enum Estimate<Model> {
  case some(Model, inliers: [Bool])
  case none(reason: String)
}
