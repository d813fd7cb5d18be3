// What can go wrong between a set of pairs on disk and their evaluation. A pair that cannot be used is no error of
// the whole: it is listed as broken (see EvaluationDataset) with the text of one of these.

import Files

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

  /// A file that cannot be read.
  init(_ error: FileError) { self = .unreadable(path: error.path, reason: error.reason) }
}

extension EvaluationError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path.oneLine): cannot be read (\(reason.oneLine)); check the name and its permissions"
    case .noPairs(let path, let reason):
      "\(path.oneLine): holds no pair that can be evaluated (\(reason.oneLine))"
    case .malformed(let path, let line, let reason):
      "\(path.oneLine)\(line.map { ":\($0)" } ?? ""): \(reason.oneLine)"
    case .gradeCount(let path, let grades, let pairs):
      "\(path.oneLine): \(grades) grades for \(pairs) pairs; write one grade a line, in the order of the pairs"
    case .unknownMatcher(let name, let known):
      "no matcher '\(name.oneLine)'; known: \(known.joined(separator: ", ")) (NAME@PX gives one its own image size)"
    case .cacheUnusable(let path, let reason):
      "\(path.oneLine): cannot hold predictions (\(reason.oneLine)); name another folder with --cache, or use "
        + "--no-cache"
    case .noFixtures(let searched):
      "the fixture set is not at \(searched.map(\.oneLine).joined(separator: " or ")); name its folder with --fixtures"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .noPairs, .malformed, .gradeCount, .noFixtures: .pairsUnusable
    case .unknownMatcher: .usage
    case .cacheUnusable: .cannotWrite
    }
  }
}
