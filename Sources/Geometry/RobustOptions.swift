// Settings of robust estimation, shared by all three models.

/// How to estimate: estimator, thresholds, limits, seed.
package struct RobustOptions: Codable, Equatable, Sendable {
  package var estimator: Estimator
  /// Largest error of an inlier, pixels of the points passed in. (LMedS derives its own.)
  package var threshold: Double
  /// Wanted probability of having drawn at least one sample without outliers; below 1.
  package var confidence: Double
  /// Largest number of samples drawn.
  package var maxIterations: Int
  /// Start of the random numbers: same input and seed, same result, on any number of threads.
  package var seed: UInt64
  /// Whether a homography or an essential matrix is refined on its inliers once the estimator has found it; see
  /// `HomographyRefinement` and `PoseRefinement`. A fundamental matrix stays as the estimator leaves it.
  package var refine: Bool

  /// Settings; the defaults suit matches in photos of about a megapixel.
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

  /// Throws `GeometryError.invalidOption` for the first setting out of range.
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
