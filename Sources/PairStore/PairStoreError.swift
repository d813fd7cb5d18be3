import Files

/// Why a pair store cannot be read, written or continued.
package enum PairStoreError: Error, Equatable, Sendable {
  case unreadable(path: String, reason: String)
  case notAPairStore(path: String)
  /// A later version of the format.
  case unknownFormat(path: String, format: String)
  /// Corrupt before the end of the file.
  case damaged(path: String, offset: Int, reason: String)
  case noStores(folder: String)
  /// The store was written by a different command.
  case otherRun(path: String, differences: [String])
  /// Another process is writing to the file.
  case inUse(path: String)
  /// The file holds all records before this one.
  case cannotWrite(path: String, reason: String)
}

extension PairStoreError: ReportedError {
  /// One line: the file, what is wrong with it, and what to do next.
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check the path and permissions"
    case .notAPairStore(let path): "\(path): not a pair store of 'match batch'; give its output folder"
    case .unknownFormat(let path, let format):
      "\(path): has format '\(format)', not \(PairStoreHeader.currentFormat); use the version that wrote it"
    case .damaged(let path, let offset, let reason):
      "\(path): damaged at byte \(offset) (\(reason)); cut it there (truncate -s \(offset) FILE) and rerun "
        + "'match batch' for the pairs after it"
    case .noStores(let folder): "\(folder): holds no pairs (*.pairs); run 'match batch' first"
    case .otherRun(let path, let differences):
      "\(path): holds pairs of a different command (\(differences.joined(separator: "; "))); repeat that command, or "
        + "choose another folder"
    case .inUse(let path): "\(path): another process is writing to it; wait for it or stop it"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); finished pairs are kept: free some space and run the same command again"
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
