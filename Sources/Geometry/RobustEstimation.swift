// Common to the three models: checks before, the call into the shim, checks after.

import COpenCV

/// The matches of an estimation, checked and in the estimator's order.
struct RobustProblem {
  let kind: GeometryKind
  let points0: [SIMD2<Double>]
  let points1: [SIMD2<Double>]
  /// Nil: all matches count alike.
  let precisions: [PointPrecision]?
  let options: RobustOptions
  let order: MatchOrder

  var count: Int { points0.count }

  init(
    _ kind: GeometryKind, _ points0: [SIMD2<Double>], _ points1: [SIMD2<Double>], _ options: RobustOptions,
    _ scores: [Float]?, _ precisions: [PointPrecision]? = nil
  ) throws(GeometryError) {
    try options.validate()
    guard points0.count == points1.count else {
      throw .countMismatch(points0: points0.count, points1: points1.count)
    }
    if let scores, scores.count != points0.count {
      throw .countMismatch(points0: points0.count, points1: scores.count)
    }
    if let precisions, precisions.count != points0.count {
      throw .countMismatch(points0: points0.count, points1: precisions.count)
    }
    self.kind = kind
    self.points0 = points0
    self.points1 = points1
    self.precisions = precisions
    self.options = options
    order = MatchOrder(count: points0.count, options: options, scores: scores)
  }

  /// Why no estimator could determine the model from these matches; nil if one might.
  var obstacle: NotEstimatedReason? {
    if count < kind.minimumMatches { return .tooFewMatches(found: count, needed: kind.minimumMatches) }
    if let match = firstNotFinite { return .notFinite(match: match) }
    if areCollinear(points0) { return .collinear(image: 0) }
    if areCollinear(points1) { return .collinear(image: 1) }
    return nil
  }

  /// The first match with a non-finite coordinate.
  var firstNotFinite: Int? {
    let isFinite = { (point: SIMD2<Double>) in point.x.isFinite && point.y.isFinite }
    return (0..<count).first { !isFinite(points0[$0]) || !isFinite(points1[$0]) }
  }

  /// Why the inliers do not confirm a model; nil if they do.
  func weakness(of mask: [Bool]) -> NotEstimatedReason? {
    let inliers = (0..<count).filter { mask[$0] }
    if inliers.count < kind.minimumMatches {
      return .tooFewInliers(found: inliers.count, needed: kind.minimumMatches)
    }
    // A line and one point off it leave a homography undetermined.
    let determineNothing = kind == .homography ? areCollinearButForOne : { areCollinear($0) }
    if determineNothing(inliers.map { points0[$0] }) || determineNothing(inliers.map { points1[$0] }) {
      return .degenerateModel
    }
    return nil
  }

  var shimOptions: cocv_robust_options {
    let estimator: cocv_estimator =
      switch options.estimator {
      case .ransac: COCV_RANSAC
      case .lmeds: COCV_LMEDS
      case .usacDefault: COCV_USAC_DEFAULT
      case .usacFast: COCV_USAC_FAST
      case .usacAccurate: COCV_USAC_ACCURATE
      case .prosac: COCV_USAC_PROSAC
      case .magsac: COCV_USAC_MAGSAC
      }
    return cocv_robust_options(
      estimator: estimator, threshold: options.threshold, confidence: options.confidence,
      max_iterations: Int32(clamping: options.maxIterations),
      seed: Int32(truncatingIfNeeded: options.seed ^ (options.seed >> 32)))
  }

  /// Calls the shim; false if it found no model. Throws `estimatorFailed` for any other failure.
  func solve(
    _ body: (_ reason: UnsafeMutablePointer<CChar>?, _ size: Int) -> cocv_status
  ) throws(GeometryError) -> Bool {
    var status = COCV_OK
    let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String in
      buffer.initialize(repeating: 0)
      status = body(buffer.baseAddress, buffer.count)
      guard status != COCV_OK, let start = buffer.baseAddress else { return "" }
      return String(cString: start)
    }
    switch status {
    case COCV_OK: return true
    case COCV_NO_MODEL: return false
    // An OpenCV check failed on these matches, for instance a decomposition that did not converge.
    case COCV_OPENCV_FAILURE: return false
    default: throw .estimatorFailed(reason: reason.isEmpty ? "status \(status.rawValue)" : reason)
    }
  }
}
