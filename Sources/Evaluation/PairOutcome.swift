// What came of one pair under one matcher.
//
// Errors are degrees for poses (the larger of rotation and translation error) and pixels for homographies (mean
// distance of the corners). A pair that failed has no error; where one is needed, it counts as infinite.

/// One pair under one matcher.
package struct PairOutcome: Encodable, Equatable, Sendable {
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
  package var matches = 0
  /// Number of inliers in the first repeat.
  package var inliers = 0
  /// Seconds of matching.
  package var seconds = 0.0
  /// Why there is no estimate, in one line.
  package var failure: String?

  /// Share of the first image's keypoints that are precise matches, 0...1; summed up, but not written.
  var matchingScore = 0.0

  /// Median of the repeats' errors; infinite where most failed.
  package var medianError: Double { errors.map { $0 ?? .infinity }.upperMedian ?? .infinity }

  private enum CodingKeys: String, CodingKey {
    case matcher, image0, image1, path0, path1, grade, errors, rotationError, translationError, precision,
      matches
    case inliers, seconds, failure
  }
}
