import Geometry

/// What is measured of a pair under one matcher: the error of each repeat, and which matches are correct.
struct PairScore {
  /// Error of each repeat, degrees or pixels; nil without an estimate.
  var errors: [Double?] = []
  /// Of the first repeat.
  var poseError: PoseError?
  /// For each counted match, whether it is an inlier of the first repeat; nil without an estimate.
  var inlierMask: [Bool]?
  /// The matches that count, all or the best.
  let counted: FramedPrediction
  var precision: MatchPrecision?
  /// Why no repeat gave an estimate.
  var failure: String?

  /// Measures matches in framed pixels against the truth in pixels of the stored photos.
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

  /// Runs the repeats, each with its own seed.
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

/// How pairs are measured.
package struct EvaluationRules: Equatable, Sendable {
  package var protocolName: EvaluationProtocol
  /// Seed of the first repeat; later ones count up. 0 with the classic protocol leaves the matches in order.
  package var seed: UInt64
  /// Estimates per pair.
  package var repeats: Int
  /// Bound on a precise match: squared epipolar error (pose) or framed pixels.
  package var precisionThreshold: Double
  /// Overrides the protocol's inlier threshold, in the same pixels.
  package var threshold: Double?

  /// The defaults are the field's.
  package init(
    protocolName: EvaluationProtocol = .classic, seed: UInt64 = 0, repeats: Int = 5,
    precisionThreshold: Double, threshold: Double? = nil
  ) {
    precondition(repeats > 0, "at least one estimate per pair is needed")
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
