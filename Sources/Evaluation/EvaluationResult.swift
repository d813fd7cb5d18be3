// The outcome of an evaluation, as plain values: what was measured, by which recipe, one row a matcher and one row
// a pair. It is the JSON of --output, and all that the report is made from.
//
// Errors are degrees for poses (the larger of rotation and translation error) and pixels for homographies (mean
// distance of the corners). A pair that failed has no error; where one is needed, it counts as infinite.

/// What is estimated for each pair.
package enum EvaluationTask: String, Codable, Sendable, CaseIterable {
  /// Relative pose from matches and known cameras; errors in degrees.
  case pose
  /// Homography from matches; errors in pixels.
  case homography

  /// Thresholds of the area under the cumulative error curve: degrees or pixels.
  package var thresholds: [Double] { self == .pose ? [5, 10, 20] : [3, 5, 10] }
  /// Unit of errors and thresholds.
  package var unit: String { self == .pose ? "degrees" : "px" }
}

/// The result of `match evaluate`.
package struct EvaluationResult: Codable, Equatable, Sendable {
  /// `match-evaluation/1`.
  package var format = "match-evaluation/1"
  /// Version of the program.
  package var version: String
  /// What was estimated.
  package var task: EvaluationTask
  /// How, in full: numbers without their recipe cannot be compared.
  package var recipe: EvaluationRecipe
  /// One row a matcher, in the order asked for.
  package var matchers: [MatcherSummary]
  /// One row a matcher and pair.
  package var pairs: [PairOutcome]

  /// An outcome from its parts.
  package init(
    version: String, task: EvaluationTask, recipe: EvaluationRecipe, matchers: [MatcherSummary],
    pairs: [PairOutcome]
  ) {
    self.version = version
    self.task = task
    self.recipe = recipe
    self.matchers = matchers
    self.pairs = pairs
  }
}

/// Everything that a figure depends on besides the matcher.
package struct EvaluationRecipe: Codable, Equatable, Sendable {
  /// `classic` (SuperGlue and LoFTR) or `modern`.
  package var protocolName: String
  /// The robust estimator, as in `RANSAC (OpenCV)` or `magsac, refined`.
  package var estimator: String
  /// Inlier threshold, pixels.
  package var threshold: Double
  /// In which pixels the threshold is meant.
  package var thresholdMeaning: String
  /// Confidence of the estimator.
  package var confidence: Double
  /// Most iterations of the estimator.
  package var maxIterations: Int
  /// Longer side at which matchers see the photos, pixels; 0: as they are.
  package var maxSize: Int
  /// Seed of the estimator.
  package var seed: UInt64
  /// Estimations a pair, on shuffled matches; figures are their means.
  package var repeats: Int
  /// The pair file or folder that was evaluated.
  package var dataset: String
  /// Bound on the epipolar error of a precise match (pose), or pixels (homography).
  package var precisionThreshold: Double
  /// Processor, number of threads.
  package var machine: String
  /// Threads used.
  package var threads: Int

  /// A recipe from its parts.
  package init(
    protocolName: String, estimator: String, threshold: Double, thresholdMeaning: String, confidence: Double,
    maxIterations: Int, maxSize: Int, seed: UInt64, repeats: Int, dataset: String, precisionThreshold: Double,
    machine: String, threads: Int
  ) {
    self.protocolName = protocolName
    self.estimator = estimator
    self.threshold = threshold
    self.thresholdMeaning = thresholdMeaning
    self.confidence = confidence
    self.maxIterations = maxIterations
    self.maxSize = maxSize
    self.seed = seed
    self.repeats = repeats
    self.dataset = dataset
    self.precisionThreshold = precisionThreshold
    self.machine = machine
    self.threads = threads
  }
}

/// One row of the table: a matcher over all pairs, or over the pairs of one grade.
package struct MatcherSummary: Codable, Equatable, Sendable {
  /// Name as on the command line, as in `compact` or `sift`.
  package var matcher: String
  /// Its options or model and hash, in one line.
  package var description: String
  /// Grade of difficulty that the row covers; nil for all pairs.
  package var grade: String?
  /// Number of pairs.
  package var pairs: Int
  /// Area under the cumulative error curve, 0...100, for each of the task's thresholds; the mean of the repeats.
  package var auc: [Double]
  /// Largest minus smallest AUC over the repeats, for each threshold.
  package var aucSpread: [Double]
  /// Mean share of precise matches, 0...100.
  package var precision: Double
  /// Mean share of keypoints that are precise matches, 0...100.
  package var matchingScore: Double
  /// Mean number of matches.
  package var matches: Double
  /// Mean number of inliers.
  package var inliers: Double
  /// Pairs without an estimate.
  package var failures: Int
  /// Median seconds a pair, matching alone.
  package var secondsPerPair: Double

  /// A row from its parts.
  package init(
    matcher: String, description: String, grade: String?, pairs: Int, auc: [Double], aucSpread: [Double],
    precision: Double, matchingScore: Double, matches: Double, inliers: Double, failures: Int,
    secondsPerPair: Double
  ) {
    self.matcher = matcher
    self.description = description
    self.grade = grade
    self.pairs = pairs
    self.auc = auc
    self.aucSpread = aucSpread
    self.precision = precision
    self.matchingScore = matchingScore
    self.matches = matches
    self.inliers = inliers
    self.failures = failures
    self.secondsPerPair = secondsPerPair
  }
}

/// One pair under one matcher.
package struct PairOutcome: Codable, Equatable, Sendable {
  /// Name of the matcher.
  package var matcher: String
  /// The first image as the dataset names it.
  package var image0: String
  /// The second image, likewise.
  package var image1: String
  /// Where the first image is.
  package var path0: String
  /// Where the second image is.
  package var path1: String
  /// Grade of difficulty, where the dataset has grades.
  package var grade: String?
  /// Error of each repeat, degrees or pixels; nil where there was no estimate.
  package var errors: [Double?]
  /// Rotation error of the first repeat, degrees; nil for homographies and failures.
  package var rotationError: Double?
  /// Angle between the translations, likewise.
  package var translationError: Double?
  /// Share of precise matches, 0...1; nil without matches.
  package var precision: Double?
  /// Number of matches.
  package var matches: Int
  /// Number of inliers in the first repeat.
  package var inliers: Int
  /// Seconds of matching.
  package var seconds: Double
  /// Why there is no estimate, in one line.
  package var failure: String?

  /// Median of the repeats' errors; infinite where most failed.
  package var medianError: Double {
    let sorted = errors.map { $0 ?? .infinity }.sorted()
    return sorted.isEmpty ? .infinity : sorted[sorted.count / 2]
  }

  /// An outcome from its parts.
  package init(
    matcher: String, image0: String, image1: String, path0: String, path1: String, grade: String?,
    errors: [Double?], rotationError: Double?, translationError: Double?, precision: Double?, matches: Int,
    inliers: Int, seconds: Double, failure: String?
  ) {
    self.matcher = matcher
    self.image0 = image0
    self.image1 = image1
    self.path0 = path0
    self.path1 = path1
    self.grade = grade
    self.errors = errors
    self.rotationError = rotationError
    self.translationError = translationError
    self.precision = precision
    self.matches = matches
    self.inliers = inliers
    self.seconds = seconds
    self.failure = failure
  }
}
