// Text files line by line, as pair files and matrices are read.

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
