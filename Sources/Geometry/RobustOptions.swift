// Options of robust estimation, shared by all three models. The defaults suit matches in photos of about a megapixel.

package struct RobustOptions: Codable, Equatable, Sendable {
  package var estimator: Estimator
  /// Largest error of an inlier, in pixels of the points passed in. (LMedS derives its own.)
  package var threshold: Double
  /// Desired probability of drawing at least one outlier-free sample; below 1.
  package var confidence: Double
  /// Samples drawn at most.
  package var maxIterations: Int
  /// Same input and seed give the same result on any number of threads.
  package var seed: UInt64
  /// Whether to refine a homography or essential matrix on its inliers (see `HomographyRefinement`, `PoseRefinement`).
  /// Fundamental matrices are not refined.
  package var refine: Bool

  package init(
    estimator: Estimator = .magsac, threshold: Double = 1.0, confidence: Double = 0.9999,
    maxIterations: Int = 10_000, seed: UInt64 = 0, refine: Bool = true
  ) {
    self.estimator = estimator
    self.threshold = threshold
    self.confidence = confidence
    self.maxIterations = maxIterations
    self.seed = seed
    self.refine = refine
  }

  /// Throws `GeometryError.invalidOption` for the first option out of range.
  package func validate() throws(GeometryError) {
    guard threshold.isFinite && threshold > 0 else {
      throw .invalidOption(name: "threshold", value: "\(threshold)", allowed: "a positive number of pixels")
    }
    guard confidence > 0 && confidence < 1 else {
      throw .invalidOption(
        name: "confidence", value: "\(confidence)", allowed: "a number between 0 and 1, such as 0.9999")
    }
    guard maxIterations >= 1 && maxIterations <= 10_000_000 else {
      throw .invalidOption(
        name: "maximum of iterations", value: "\(maxIterations)", allowed: "a number from 1 to 10000000")
    }
  }
}
