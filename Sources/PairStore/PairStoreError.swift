// What can go wrong between pairs and their file.

import Files

/// Why a pair store cannot be read, written or continued; each description is one line.
package enum PairStoreError: Error, Equatable, Sendable {
  /// The system refused.
  case unreadable(path: String, reason: String)
  /// No file of this format.
  case notAPairStore(path: String)
  /// A later version of the format.
  case unknownFormat(path: String, format: String)
  /// A byte changed within the file, before its end.
  case damaged(path: String, offset: Int, reason: String)
  /// The folder holds no store.
  case noStores(folder: String)
  /// Another command wrote what is to be continued.
  case otherRun(path: String, differences: [String])
  /// Another process writes to the file.
  case inUse(path: String)
  /// The system took no more bytes; the file holds all records before this one.
  case cannotWrite(path: String, reason: String)
}

extension PairStoreError: ReportedError {
  /// One line: the file, what is wrong with it, and what to do next.
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check the name and permissions"
    case .notAPairStore(let path): "\(path): not a file of pairs that 'match batch' wrote; name its folder"
    case .unknownFormat(let path, let format):
      "\(path): its format is '\(format)', this program reads \(PairStoreHeader.currentFormat); "
        + "use the version that wrote it"
    case .damaged(let path, let offset, let reason):
      "\(path): damaged at byte \(offset) (\(reason)); cut it there (truncate -s \(offset) FILE) and run 'match "
        + "batch' again for the pairs behind"
    case .noStores(let folder): "\(folder): holds no pairs (*.pairs); run 'match batch' first"
    case .otherRun(let path, let differences):
      "\(path): holds pairs of another command (\(differences.joined(separator: "; "))); repeat that command, or "
        + "name another folder"
    case .inUse(let path): "\(path): another process is writing to it; wait for it, or end it"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); what was finished is kept: make room and run the same command again"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .notAPairStore, .unknownFormat, .damaged, .noStores: .pairsUnusable
    case .otherRun: .usage
    case .inUse, .cannotWrite: .cannotWrite
    }
  }
}
