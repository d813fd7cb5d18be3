// Names of files and folders: the little that the readers of datasets and the cache share.

import Glibc

/// Folders.
package enum Folder {
  /// Makes a folder and all those above it, as far as they are missing; whether it is there then.
  package static func make(_ folder: String) -> Bool {
    var path = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
      path += part.isEmpty ? "/" : "\(part)/"
      mkdir(path, 0o777)
    }
    return folderExists(folder)
  }
}

/// A name inside a folder; absolute names stay.
func joined(_ folder: String, _ name: String) -> String {
  name.hasPrefix("/") || folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
}

/// The folder of a file with its slash; empty for a name alone.
func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

/// Whether there is a file or folder of that name.
func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether there is a folder of that name.
func folderExists(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Names in a folder, hidden ones left out, in the order of numbers and letters.
func names(in folder: String) throws(EvaluationError) -> [String] {
  guard let handle = opendir(folder) else {
    throw .unreadable(path: folder, reason: String(cString: strerror(errno)))
  }
  defer { closedir(handle) }
  var names: [String] = []
  while let entry = readdir(handle) {
    let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}
