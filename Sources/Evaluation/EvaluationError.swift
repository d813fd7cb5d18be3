import Files

/// Why a dataset, or one of its pairs, cannot be evaluated. A bad pair does not fail the dataset: see `BrokenPair`.
package enum EvaluationError: Error, Equatable, Sendable {
  case unreadable(path: String, reason: String)
  case noPairs(path: String, reason: String)
  /// `line` is nil if the file as a whole is wrong.
  case malformed(path: String, line: Int?, reason: String)
  /// A grades file and its pair file differ in length.
  case gradeCount(path: String, grades: Int, pairs: Int)
  case unknownMatcher(name: String, known: [String])
  case cacheUnusable(path: String, reason: String)
  case noFixtures(searched: [String])

  init(_ error: FileError) { self = .unreadable(path: error.path, reason: error.reason) }
}

extension EvaluationError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path.oneLine): cannot be read (\(reason.oneLine)); check the path and permissions"
    case .noPairs(let path, let reason):
      "\(path.oneLine): has no usable pair (\(reason.oneLine))"
    case .malformed(let path, let line, let reason):
      "\(path.oneLine)\(line.map { ":\($0)" } ?? ""): \(reason.oneLine)"
    case .gradeCount(let path, let grades, let pairs):
      "\(path.oneLine): \(grades) grades for \(pairs) pairs; write one grade per line, in pair order"
    case .unknownMatcher(let name, let known):
      "no matcher '\(name.oneLine)'; known: \(known.joined(separator: ", ")) (NAME@PX sets its image size)"
    case .cacheUnusable(let path, let reason):
      "\(path.oneLine): cannot store predictions (\(reason.oneLine)); choose another --cache folder, or use --no-cache"
    case .noFixtures(let searched):
      "no fixtures at \(searched.map(\.oneLine).joined(separator: " or ")); give their folder with --fixtures"
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
