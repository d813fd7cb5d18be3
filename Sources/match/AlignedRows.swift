// Summaries on the terminal: a short title, then what it says, aligned.

/// The rows as lines.
func alignedRows(_ rows: [(String, String)]) -> String {
  rows.map { $0 + String(repeating: " ", count: max(1, 11 - $0.count)) + $1 + "\n" }.joined()
}
