// What can go wrong with a batch as a whole. What goes wrong with one pair is its result.

import Files

/// Why a batch cannot start or go on; each description is one line.
package enum BatchError: Error, Equatable, Sendable {
  /// The system refused to list a folder.
  case folderUnreadable(path: String, reason: String)
  /// A folder without images.
  case noImages(folder: String)
  /// A list of pairs that cannot be read.
  case pairsUnreadable(path: String, reason: String)
  /// A line of a list that names no pair.
  case malformedPair(path: String, line: Int, text: String)
  /// A line of a list that names an image that is not there.
  case unknownImage(path: String, line: Int, name: String, folder: String)
  /// There is nothing to do.
  case noPairs(source: String)
  /// The output folder cannot be made.
  case outputUnusable(path: String, reason: String)
  /// The budget does not even hold one pair.
  case budgetTooSmall(megabytes: Int, neededMegabytes: Int)
  /// No pair could be matched.
  case allFailed(pairs: Int, reason: String)
}

extension BatchError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .folderUnreadable(let path, let reason): "\(path): cannot be listed (\(reason)); name a folder"
    case .noImages(let folder):
      "\(folder): holds no images (\(ImageFolder.endings.joined(separator: ", "))); name the folder of the photos"
    case .pairsUnreadable(let path, let reason): "\(path): cannot be read (\(reason)); name a list of pairs"
    case .malformedPair(let path, let line, let text):
      "\(path), line \(line): '\(text)' names no pair; write two different names, with a space or tab between them"
    case .unknownImage(let path, let line, let name, let folder):
      "\(path), line \(line): there is no image '\(name)' in \(folder); names are paths within that folder"
    case .noPairs(let source): "\(source): no pairs to match; give at least two images"
    case .outputUnusable(let path, let reason):
      "\(path): cannot be made (\(reason)); name another folder with --output"
    case .budgetTooSmall(let megabytes, let needed):
      "--memory \(megabytes)MB is too little; at least \(needed)MB are needed at this --max-size"
    case .allFailed(let pairs, let reason):
      "none of the \(pairs) pairs could be matched; the first says: \(reason)"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .folderUnreadable, .noImages: .imageMissing
    case .pairsUnreadable, .malformedPair, .unknownImage, .noPairs, .allFailed: .pairsUnusable
    case .outputUnusable: .cannotWrite
    case .budgetTooSmall: .notEnoughMemory
    }
  }
}
