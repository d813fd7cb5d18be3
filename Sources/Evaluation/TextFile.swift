import Files

/// A pair file or matrix, line by line.
struct TextFile {
  struct Line {
    /// From 1, counting comments and empty lines.
    let number: Int
    /// Without surrounding white space.
    let text: String

    /// Separated by spaces and tabs.
    var fields: [String] { text.split { $0 == " " || $0 == "\t" }.map(String.init) }
  }

  /// Pair files and matrices are small; a mistaken path may not be.
  private static let maximumBytes = 64 << 20

  let text: String

  /// Accepts any line endings and a byte order mark; replaces invalid UTF-8.
  init(path: String) throws(EvaluationError) {
    var bytes: [UInt8]
    do { bytes = try File.read(path, limit: Self.maximumBytes) } catch { throw EvaluationError(error) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// All lines but empty ones and comments.
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
