// Text in columns on the terminal.

extension String {
  /// The text with spaces behind it, up to a width.
  func left(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text with spaces before it, up to a width.
  func right(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

/// A summary as lines: a short title, then what it says.
///
/// - Parameter width: columns of the titles, with a space behind; nil: as many as the longest needs, with two.
func alignedRows(_ rows: [(title: String, text: String)], width: Int? = 10) -> String {
  let width = width ?? (rows.map(\.title.count).max() ?? 0) + 1
  return rows.map { $0.title.left(width) + " " + $0.text + "\n" }.joined()
}
