/// The result of one matcher on one pair.
///
/// Errors are degrees for poses (the larger of rotation and translation error) and pixels for homographies (mean
/// corner distance). A failed pair has no error; where one is needed, it counts as infinite.
package struct PairOutcome: Encodable, Equatable, Sendable {
  package var matcher: String
  /// The images' names in the dataset.
  package var image0: String
  package var image1: String
  /// The images' files.
  package var path0: String
  package var path1: String
  /// Difficulty, if the dataset grades it.
  package var grade: String?
  /// Error of each repeat; nil without an estimate.
  package var errors: [Double?]
  /// Rotation error of the first repeat, degrees; nil for homographies and failures.
  package var rotationError: Double?
  /// Angle between the translations, likewise.
  package var translationError: Double?
  /// Share of precise matches, 0...1; nil without matches.
  package var precision: Double?
  package var matches = 0
  /// Inliers in the first repeat.
  package var inliers = 0
  /// Matching time.
  package var seconds = 0.0
  /// Why there is no estimate, in one line.
  package var failure: String?
  /// Share of the first image's keypoints that are precise matches, 0...1; not part of the JSON.
  var matchingScore = 0.0

  /// Infinite if most repeats failed.
  package var medianError: Double { errors.map { $0 ?? .infinity }.upperMedian ?? .infinity }

  private enum CodingKeys: String, CodingKey {
    case matcher, image0, image1, path0, path1, grade, errors, rotationError, translationError, precision
    case matches, inliers, seconds, failure
  }
}
