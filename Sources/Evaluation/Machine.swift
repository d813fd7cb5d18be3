// The processor that times were measured on.

/// What the system says of itself.
package enum Machine {
  /// The processor's name as the kernel states it.
  package static var processor: String {
    guard let text = try? TextFile(path: "/proc/cpuinfo").text else { return "unknown processor" }
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("model name") {
      if let colon = line.firstIndex(of: ":") {
        return String(line[line.index(after: colon)...].drop { $0 == " " })
      }
    }
    return "unknown processor"
  }
}
