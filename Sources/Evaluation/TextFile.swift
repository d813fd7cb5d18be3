// Text files line by line, names of files, and folders: the little that the readers of datasets share.

import Glibc

/// A text file in memory.
struct TextFile {
  /// A line that says something.
  struct Line {
    /// From 1, comments and empty lines counted.
    let number: Int
    /// The line without surrounding white space.
    let text: String

    /// What stands between spaces and tabs.
    var fields: [String] { text.split { $0 == " " || $0 == "\t" }.map(String.init) }
  }

  /// Pair files and matrices are small; a mistaken path may not be.
  private static let maximumBytes = 64 << 20

  /// The whole text.
  let text: String

  /// Reads a file of any line ends and encoding near UTF-8.
  init(path: String) throws(EvaluationError) {
    func unreadable() -> EvaluationError {
      .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable() }
    if status.st_mode & S_IFMT == S_IFDIR { throw .unreadable(path: path, reason: "it is a folder") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = read(descriptor, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw unreadable() }
      if got == 0 { break }
      bytes += buffer[..<got]
      if bytes.count > Self.maximumBytes { throw .unreadable(path: path, reason: "it is larger than 64 MB") }
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Lines that are neither empty nor comments.
  var contentLines: [Line] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap {
      index, line in
      let isSpace = { (character: Character) in character == " " || character == "\t" }
      var text = line.drop(while: isSpace)
      while let last = text.last, isSpace(last) { text.removeLast() }
      return text.isEmpty || text.hasPrefix("#") ? nil : Line(number: index + 1, text: String(text))
    }
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
