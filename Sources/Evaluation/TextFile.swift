// Text files line by line, as pair files and matrices are read.

import Files

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
    var bytes: [UInt8]
    do { bytes = try File.read(path, limit: Self.maximumBytes) } catch { throw EvaluationError(error) }
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
