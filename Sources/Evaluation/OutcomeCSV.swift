// Outcomes as CSV, one row per matcher and pair, lines ending with "\n":
//   matcher,image0,image1,grade,error,rotation_error,translation_error,precision,matches,inliers,seconds,failure
// error: median over the repeats, degrees or pixels; "inf" without an estimate, empty where nothing is estimated.

/// Writes outcomes as CSV.
package enum OutcomeCSV {
  /// The first line, without its end.
  package static let header =
    "matcher,image0,image1,grade,error,rotation_error,translation_error,precision,matches,inliers,seconds,failure"

  /// The whole file of some evaluations, one after another.
  package static func encode(_ results: [EvaluationResult]) -> [UInt8] {
    var text = header + "\n"
    for pair in results.flatMap(\.pairs) {
      let numbers = [
        pair.errors.isEmpty ? "" : "\(pair.medianError)", number(pair.rotationError),
        number(pair.translationError),
        number(pair.precision), "\(pair.matches)", "\(pair.inliers)", "\(pair.seconds)",
      ]
      let names = [pair.matcher, pair.image0, pair.image1, pair.grade ?? ""].map(field)
      text += (names + numbers + [field(pair.failure ?? "")]).joined(separator: ",") + "\n"
    }
    return Array(text.utf8)
  }

  private static func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  /// A text as RFC 4180 quotes it.
  private static func field(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
