/// Writes one row per matcher and pair. `error` is the median over the repeats, degrees or pixels: "inf" without an
/// estimate, empty if the pair has nothing to estimate. Lines end with "\n".
package enum OutcomeCSV {
  package static let header =
    "matcher,image0,image1,grade,error,rotation_error,translation_error,precision,matches,inliers,seconds,failure"

  /// The file's content for some evaluations, one after another.
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

  /// Quoted as RFC 4180 requires.
  private static func field(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
