/// Why a file could not be read or written, whatever is in it. Modules that know more turn it into their own errors.
package enum FileError: Error, Equatable, Sendable {
  case missing(path: String)
  case isFolder(path: String)
  case tooLarge(path: String, limit: Int)
  case unreadable(path: String, reason: String)
  /// Nothing was left behind, and an older file of this name is unchanged.
  case cannotWrite(path: String, reason: String)

  package var path: String {
    switch self {
    case .missing(let path), .isFolder(let path), .tooLarge(let path, _), .unreadable(let path, _),
      .cannotWrite(let path, _):
      path
    }
  }

  package var reason: String {
    switch self {
    case .missing: "No such file or directory"
    case .isFolder: "it is a folder"
    case .tooLarge(_, let limit): "it is larger than \(limit >> 20) MB"
    case .unreadable(_, let reason), .cannotWrite(_, let reason): reason
    }
  }
}

extension FileError: ReportedError {
  /// One line: the file, what is wrong with it, and what to do next.
  package var description: String {
    switch self {
    case .cannotWrite:
      "\(path.oneLine): cannot be written (\(reason.oneLine)); choose another place or check its permissions"
    default: "\(path.oneLine): cannot be read (\(reason.oneLine)); check the name and its permissions"
    }
  }

  package var exitStatus: ExitStatus {
    if case .cannotWrite = self { .cannotWrite } else { .imageMissing }
  }
}
