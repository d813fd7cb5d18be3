// One pair under one matcher: estimates of all repeats, their errors, and what the truth says of the matches.

import Geometry

/// The measured figures of a pair.
struct PairScore {
  /// Error of each repeat, degrees or pixels; nil without an estimate.
  var errors: [Double?] = []
  /// Of the first repeat, degrees.
  var poseError: PoseError?
  /// For each counted match, whether it agrees with the estimate of the first repeat; nil without one.
  var inlierMask: [Bool]?
  /// The matches that count, all or the best.
  let counted: FramedPrediction
  /// Matches that are right.
  var precision: MatchPrecision?
  /// Why no repeat gave an estimate.
  var failure: String?

  /// Measures a prediction against the truth.
  ///
  /// - Parameters:
  ///   - framed: matches in framed pixels.
  ///   - truth: in pixels of the stored photos.
  ///   - rules: protocol, repeats, seed, bound on precise matches.
  ///   - matcher: where the matches come from.
  init(_ framed: FramedPrediction, truth: GroundTruth, rules: EvaluationRules, matcher: any PairMatcher) {
    var framed = framed
    if case .pose = truth {
    } else {
      framed.prediction.correspondences = framed.prediction.correspondences.best(
        EvaluationProtocol.homographyMatches)
    }
    let counted = framed
    self.counted = counted
    let (scaling0, scaling1) = (counted.frame0.scaling, counted.frame1.scaling)
    switch truth {
    case .pose(let truth):
      let truth = truth.framed(counted.frame0, counted.frame1)
      precision = rules.precision(counted) { MatchPrecision.symmetricSquaredEpipolarError(truth, $0, $1) }
      estimate(rules) { seed in
        switch try rules.protocolName.pose(
          counted, truth, matcher: matcher, threshold: rules.threshold, seed: seed)
        {
        case .none(let reason): return .none(reason: reason)
        case .some(let pose, let inliers):
          let error = PoseError(of: pose, trueRotation: truth.rotation, trueTranslation: truth.translation)
          return .some((error.degrees, error), inliers: inliers)
        }
      }
    case .homography(let stored):
      let truth = (scaling1.matrix.inverse ?? .identity) * stored * scaling0.matrix
      precision = rules.precision(counted) { ReprojectionError.forward(truth, $0, $1) }
      estimate(rules) { seed in
        switch try rules.protocolName.homography(
          counted, matcher: matcher, threshold: rules.threshold, seed: seed)
        {
        case .none(let reason): return .none(reason: reason)
        case .some(let matrix, let inliers):
          let error = CornerError.mean(
            matrix, truth: truth, width: counted.frame0.width, height: counted.frame0.height)
          return .some((error, nil), inliers: inliers)
        }
      }
    case .disparity(let map):
      precision = rules.precision(counted) { point0, point1 in
        map.partner(of: scaling0.toOriginal(point0)).map { partner in
          let offset = scaling1.toResized(partner) - point1
          return (offset * offset).sum().squareRoot()
        }
      }
    }
  }

  /// Runs the repeats, each with a seed of its own.
  private mutating func estimate(
    _ rules: EvaluationRules, _ once: (_ seed: UInt64) throws -> Estimate<(error: Double, pose: PoseError?)>
  ) {
    for index in 0..<rules.repeats {
      var reason: String?
      do {
        switch try once(rules.seed &+ UInt64(index)) {
        case .none(let text): reason = text
        case .some(let measured, let mask):
          if index == 0 { (poseError, inlierMask) = (measured.pose, mask) }
          if measured.error.isFinite {
            errors.append(measured.error)
            continue
          }
          reason = "the estimate is not finite"
        }
      } catch { reason = "\(error)" }
      errors.append(nil)
      failure = failure ?? reason
    }
    if errors.contains(where: { $0 != nil }) { failure = nil }
    if let error = poseError, !error.degrees.isFinite { poseError = nil }
  }
}

/// By what rules pairs are measured.
package struct EvaluationRules: Equatable, Sendable {
  /// How matches become an estimate.
  package var protocolName: EvaluationProtocol
  /// Seed of the first repeat; the next ones count up from it. 0 with the classic protocol: matches in their order.
  package var seed: UInt64
  /// Estimations a pair.
  package var repeats: Int
  /// Bound on a precise match: squared epipolar error (pose) or framed pixels.
  package var precisionThreshold: Double
  /// Largest error of an inlier instead of the protocol's own, in the pixels that the protocol means.
  package var threshold: Double?

  /// Rules; the defaults are those of the field.
  package init(
    protocolName: EvaluationProtocol = .classic, seed: UInt64 = 0, repeats: Int = 5,
    precisionThreshold: Double, threshold: Double? = nil
  ) {
    precondition(repeats > 0, "at least one estimation a pair is needed")
    self.protocolName = protocolName
    self.seed = seed
    self.repeats = repeats
    self.precisionThreshold = precisionThreshold
    self.threshold = threshold
  }

  fileprivate func precision(_ framed: FramedPrediction, error: MatchPrecision.Error) -> MatchPrecision {
    MatchPrecision(framed.prediction.correspondences, below: precisionThreshold, error: error)
  }
}
