extension String {
  /// Left-aligned: padded with spaces to a width.
  func left(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// Right-aligned: padded with spaces to a width.
  func right(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

/// One line per row: title, then text. `width`: columns of the titles without the space after them; nil: those of the
/// longest title and one more.
func alignedRows(_ rows: [(title: String, text: String)], width: Int? = 10) -> String {
  let width = width ?? (rows.map(\.title.count).max() ?? 0) + 1
  return rows.map { $0.title.left(width) + " " + $0.text + "\n" }.joined()
}
