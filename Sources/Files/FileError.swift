// What can go wrong with a file whatever is in it. Modules that know more turn these into errors of their own.

/// Why a file could not be read or written; the description is one line.
package enum FileError: Error, Equatable, Sendable {
  /// There is no file of this name.
  case missing(path: String)
  /// The name belongs to a folder.
  case isFolder(path: String)
  /// The file has more bytes than the reader takes.
  case tooLarge(path: String, limit: Int)
  /// The system refused to open or read the file.
  case unreadable(path: String, reason: String)
  /// The file could not be written; nothing was left behind, an older file of this name is unchanged.
  case cannotWrite(path: String, reason: String)

  /// The name as it was given.
  package var path: String {
    switch self {
    case .missing(let path), .isFolder(let path), .tooLarge(let path, _), .unreadable(let path, _),
      .cannotWrite(let path, _):
      path
    }
  }

  /// What is wrong, without the name.
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
