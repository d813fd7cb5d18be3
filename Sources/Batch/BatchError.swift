import Files

/// Why a batch as a whole cannot start or go on. A failed pair is a result, not an error.
package enum BatchError: Error, Equatable, Sendable {
  case folderUnreadable(path: String, reason: String)
  case noImages(folder: String)
  case pairsUnreadable(path: String, reason: String)
  case malformedPair(path: String, line: Int, text: String)
  case unknownImage(path: String, line: Int, name: String, folder: String)
  case noPairs(source: String)
  case outputUnusable(path: String, reason: String)
  /// Not even one pair fits in the memory budget.
  case budgetTooSmall(megabytes: Int, neededMegabytes: Int)
  case allFailed(pairs: Int, reason: String)
}

extension BatchError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .folderUnreadable(let path, let reason): "\(path): cannot be listed (\(reason)); give a folder"
    case .noImages(let folder):
      "\(folder): no images in it (\(ImageFolder.endings.joined(separator: ", "))); give the folder of the photos"
    case .pairsUnreadable(let path, let reason): "\(path): cannot be read (\(reason)); give a list of pairs"
    case .malformedPair(let path, let line, let text):
      "\(path), line \(line): '\(text)' is not a pair; write two different names separated by a space or tab"
    case .unknownImage(let path, let line, let name, let folder):
      "\(path), line \(line): no image '\(name)' in \(folder); names are paths within that folder"
    case .noPairs(let source): "\(source): no pairs to match; give at least two images"
    case .outputUnusable(let path, let reason):
      "\(path): cannot be created (\(reason)); choose another folder with --output"
    case .budgetTooSmall(let megabytes, let needed):
      "--memory \(megabytes)MB is not enough; this --max-size needs at least \(needed)MB of memory"
    case .allFailed(let pairs, let reason):
      "none of the \(pairs) pairs could be matched; first error: \(reason)"
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
