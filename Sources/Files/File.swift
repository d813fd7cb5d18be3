import Glibc

/// Whole files.
package enum File {
  /// All bytes of a file or pipe of at most `limit` bytes. Throws any `FileError` but `cannotWrite`.
  package static func read(_ path: String, limit: Int = Int(Int32.max)) throws(FileError) -> [UInt8] {
    let status: FileStatus
    var bytes: [UInt8] = []
    do throws(SystemError) {
      let file = try OpenFile(path)
      status = try file.status()
      if !status.isFolder && status.byteCount <= limit {
        // One byte more than the stated size detects the end at once. Pipes and /proc state a size of 0.
        var step = max(status.byteCount + 1, 1 << 16)
        while true {
          let part = try file.bytes(count: step)
          bytes = bytes.isEmpty ? part : bytes + part
          if part.count < step || bytes.count > limit { break }
          step = bytes.count
        }
      }
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { throw .missing(path: path) }
      throw .unreadable(path: path, reason: error.reason)
    }
    if status.isFolder { throw .isFolder(path: path) }
    if max(status.byteCount, bytes.count) > limit { throw .tooLarge(path: path, limit: limit) }
    return bytes
  }

  /// Whether a file or folder has this name.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

package enum Folder {
  package static func exists(_ path: String) -> Bool { FileStatus(path)?.isFolder ?? false }

  /// Makes a folder and its missing parents. Throws `FileError.cannotWrite`.
  package static func make(_ path: String) throws(FileError) {
    var (part, failure) = ("", SystemError(ENOENT))
    for name in path.split(separator: "/", omittingEmptySubsequences: false) {
      part += name.isEmpty ? "/" : "\(name)/"
      if mkdir(part, 0o777) != 0 { failure = SystemError() }
    }
    guard let status = FileStatus(path) else { throw .cannotWrite(path: path, reason: failure.reason) }
    guard status.isFolder else { throw .cannotWrite(path: path, reason: "a file has this name") }
  }

  /// The names in a folder, sorted. Throws `FileError.unreadable`.
  package static func names(in path: String, withHidden: Bool = false) throws(FileError) -> [String] {
    guard let handle = opendir(path) else { throw .unreadable(path: path, reason: SystemError().reason) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." && (withHidden || !name.hasPrefix(".")) { names.append(name) }
    }
    return names.sorted()
  }
}

package enum Path {
  /// A name inside a folder; absolute names stay as they are.
  package static func joined(_ folder: String, _ name: String) -> String {
    name.hasPrefix("/") || folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The folder of a file with its slash; empty for a bare name.
  package static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// Whether two paths name the same file, existing or not. Devices never count: they may have any number of users.
  package static func nameSameFile(_ first: String, _ second: String) -> Bool {
    if first == second { return true }
    if let status0 = FileStatus(first), let status1 = FileStatus(second) {
      return status0.isRegular && status0.isSame(as: status1)
    }
    let folders = [first, second].map { folder(of: $0) }
    guard first.dropFirst(folders[0].count) == second.dropFirst(folders[1].count),
      let folder0 = FileStatus(joined(folders[0], ".")), let folder1 = FileStatus(joined(folders[1], "."))
    else { return false }
    return folder0.isSame(as: folder1)
  }
}
