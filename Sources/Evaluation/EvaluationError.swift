// What can go wrong between a set of pairs on disk and their evaluation. A pair that cannot be used is no error of
// the whole: it is listed as broken (see EvaluationDataset) with the text of one of these.

/// Why a dataset, or one pair of it, cannot be evaluated.
package enum EvaluationError: Error, Equatable, Sendable {
  /// The file or folder is not there or cannot be read.
  case unreadable(path: String, reason: String)
  /// Nothing in it can be evaluated.
  case noPairs(path: String, reason: String)
  /// A line of a pair file, or a whole file of ground truth (then `line` is nil), is wrong.
  case malformed(path: String, line: Int?, reason: String)
  /// The grades beside a pair file are not as many as its pairs.
  case gradeCount(path: String, grades: Int, pairs: Int)
  /// No matcher of that name.
  case unknownMatcher(name: String, known: [String])
  /// The folder of cached predictions cannot be used.
  case cacheUnusable(path: String, reason: String)
  /// The fixtures that ship with the project are nowhere to be found.
  case noFixtures(searched: [String])
  /// A figure cannot be written as JSON.
  case notFinite(field: String)
}

extension EvaluationError: CustomStringConvertible {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(oneLine(path)): cannot be read (\(oneLine(reason))); check the name and its permissions"
    case .noPairs(let path, let reason):
      "\(oneLine(path)): holds no pair that can be evaluated (\(oneLine(reason)))"
    case .malformed(let path, let line, let reason):
      "\(oneLine(path))\(line.map { ":\($0)" } ?? ""): \(oneLine(reason))"
    case .gradeCount(let path, let grades, let pairs):
      "\(oneLine(path)): \(grades) grades for \(pairs) pairs; write one grade a line, in the order of the pairs"
    case .unknownMatcher(let name, let known):
      "no matcher '\(oneLine(name))'; known: \(known.joined(separator: ", ")) (NAME@PX gives one its own image size)"
    case .cacheUnusable(let path, let reason):
      "\(oneLine(path)): cannot hold predictions (\(oneLine(reason))); name another folder with --cache, or use "
        + "--no-cache"
    case .noFixtures(let searched):
      "the fixture set is not at \(searched.map(oneLine).joined(separator: " or ")); name its folder with --fixtures"
    case .notFinite(let field):
      "JSON of the evaluation: \(oneLine(field)) is not a finite number; please report this"
    }
  }
}

/// The text without line breaks and other control characters, which names of files may contain.
func oneLine(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
}
