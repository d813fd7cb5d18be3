import Tensor

extension Setting {
  /// Compact JSON with sorted names, so that equal trees give equal bytes. Numbers must be finite.
  var json: String {
    switch self {
    case .flag(let value): value ? "true" : "false"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .text(let value): quoted(value)
    case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
    case .group(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + $0.value.json }.joined(
          separator: ",") + "}"
    }
  }

  /// JSON has no other numbers.
  var hasOnlyFiniteNumbers: Bool {
    switch self {
    case .flag, .text: true
    case .number(let value): value.isFinite
    case .list(let values): values.allSatisfy(\.hasOnlyFiniteNumbers)
    case .group(let values): values.values.allSatisfy(\.hasOnlyFiniteNumbers)
    }
  }
}

private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{0}"..<" ":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
