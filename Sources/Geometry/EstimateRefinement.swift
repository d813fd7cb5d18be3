// What follows OpenCV's estimation: the model is refined and the inliers are selected anew.
// The refined model replaces OpenCV's if its truncated cost over all matches is lower, its inliers confirm it (enough
// of them, not collinear) and, for a pose, most of them lie in front of both cameras. If matches have precisions, its
// inliers are then fitted once more, weighed by them. The cost decides, not the number
// of inliers: a model that fits 99 matches well beats one that barely fits 100. Otherwise OpenCV's model stays, with
// its own mask.

extension RobustProblem {
  /// A refined essential matrix with its pose and inliers (Sampson error at most the threshold), or `estimate`.
  func refined(
    _ estimate: TwoViewEstimate, camera0: Camera, camera1: Camera
  ) -> TwoViewEstimate {
    guard options.refine, let pose = estimate.pose else { return estimate }
    let start = RotationAndDirection(rotation: pose.rotation, translation: pose.translation)
    func errors(_ pose: RotationAndDirection) -> [Double] {
      let fundamental = camera1.inverse.transpose * pose.essential * camera0.inverse
      return zip(points0, points1).map { EpipolarError.sampson(fundamental, $0, $1) }
    }
    let threshold = scale(errors(start), estimate.inlierMask)
    let result = PoseRefinement(threshold: threshold)(
      start, points0: points0, points1: points1, camera0: camera0, camera1: camera1)
    guard result.cost < result.startCost else { return estimate }
    var model = result.model
    if let weighing = weighing(errors(model), threshold) {
      model =
        PoseRefinement(threshold: Self.deviations, loss: .cauchy)(
          model, points0: weighing.points0, points1: weighing.points1, covariances: weighing.covariances,
          camera0: camera0, camera1: camera1
        ).model
    }
    let mask = errors(model).map { $0 <= threshold }
    guard weakness(of: mask) == nil else { return estimate }
    let sides = countSides(
      model, points0.map { camera0.normalized($0).homogeneous },
      points1.map { camera1.normalized($0).homogeneous }, mask)
    // E allows both signs of t.
    let isReversed = sides.behind > sides.inFront
    let inFront = max(sides.inFront, sides.behind)
    guard 2 * inFront > mask.count(where: { $0 }) else { return estimate }
    return TwoViewEstimate(
      kind: .essential, matrix: model.essential.normalizedUpToScale,
      pose: RelativePose(
        rotation: model.rotation, translation: isReversed ? -model.translation : model.translation,
        inFrontCount: inFront),
      inlierMask: mask)
  }

  /// A refined homography with its inliers (distance in image 1 at most the threshold), or `estimate`.
  func refined(_ estimate: TwoViewEstimate) -> TwoViewEstimate {
    guard options.refine else { return estimate }
    func errors(_ matrix: Matrix3) -> [Double] {
      zip(points0, points1).map { ReprojectionError.forward(matrix, $0, $1) }
    }
    let threshold = scale(errors(estimate.matrix), estimate.inlierMask)
    guard
      let result = HomographyRefinement(
        threshold: softScale(errors(estimate.matrix), estimate.inlierMask, threshold), loss: .cauchy)(
          estimate.matrix, points0: points0, points1: points1), result.cost < result.startCost
    else { return estimate }
    var model = result.model
    if let weighing = weighing(errors(model), threshold),
      let weighted = HomographyRefinement(threshold: Self.deviations, loss: .cauchy)(
        model, points0: weighing.points0, points1: weighing.points1, covariances: weighing.covariances,
        pixelThreshold: threshold)
    {
      model = weighted.model
    }
    let mask = errors(model).map { $0 <= threshold }
    guard weakness(of: mask) == nil, Homography.isInvertible(model) else { return estimate }
    return TwoViewEstimate(kind: .homography, matrix: model, inlierMask: mask)
  }

  /// The inliers of an unweighted minimum, which is right to a fraction of a pixel: among them, the deviations decide.
  /// Nil if all deviations are the network's, which say nothing about which match is better.
  private func weighing(
    _ errors: [Double], _ threshold: Double
  ) -> (points0: [SIMD2<Double>], points1: [SIMD2<Double>], covariances: [PointCovariance])? {
    guard let precisions, precisions.contains(where: { $0.source == .refined }) else { return nil }
    let inliers = errors.indices.filter { errors[$0] <= threshold }
    return (
      inliers.map { points0[$0] }, inliers.map { points1[$0] }, inliers.map { precisions[$0].covariance }
    )
  }

  /// Scale of the Cauchy loss for errors in deviations: 95 % efficiency (Holland and Welsch 1977).
  private static let deviations = 2.385

  /// The scale of the Cauchy loss with 95 % efficiency under Gaussian noise (2.385 sigma; Holland and Welsch 1977),
  /// from the median error of the estimator's inliers (1.1774 sigma, Rayleigh), over both directions (the root of 2).
  /// Real matches have a precise core and long tails: with a hard cut at the threshold, the tails would decide.
  private func softScale(_ errors: [Double], _ mask: [Bool], _ threshold: Double) -> Double {
    let inliers = zip(errors, mask).filter { $0.1 && $0.0.isFinite }.map(\.0).sorted()
    guard !inliers.isEmpty else { return threshold }
    let deviation = inliers[inliers.count / 2] / 1.1774
    return min(max(2.385 * 2.0.squareRoot() * deviation, threshold / 20), 2 * threshold)
  }

  /// The largest error of an inlier: the threshold, or for LMedS, which derives its own, the largest it accepted.
  private func scale(_ errors: [Double], _ mask: [Bool]) -> Double {
    guard options.estimator == .lmeds else { return options.threshold }
    let largest = zip(errors, mask).reduce(0.0) { $1.1 && $1.0.isFinite ? max($0, $1.0) : $0 }
    // For noise-free matches: rounding must not turn them into outliers.
    return max(largest, 1e-6)
  }
}
