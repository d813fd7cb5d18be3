// The folder of a batch's results.

import Glibc

/// Folders that are made where they are missing.
enum OutputFolder {
  /// Makes a folder and those above it.
  ///
  /// - Throws: `BatchError.outputUnusable`.
  static func make(_ folder: String) throws(BatchError) {
    var path = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
      path += part.isEmpty ? "/" : "\(part)/"
      mkdir(path, 0o777)
    }
    var status = stat()
    guard stat(folder, &status) == 0 else {
      throw .outputUnusable(path: folder, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .outputUnusable(path: folder, reason: "a file has this name")
    }
  }
}
