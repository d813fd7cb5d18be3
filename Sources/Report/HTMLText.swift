import Files
import Mustache

/// Replaces the template library's own HTML escaping, which compares characters: a quote followed by a combining
/// accent passes it and ends an attribute. Browsers, and `HTMLText.escaped`, compare code points.
struct ReportContent: MustacheContentType {
  func escapeText(_ text: String) -> String { HTMLText.escaped(text) }
}

/// Text and numbers inside HTML and SVG. File names, model descriptions and machine names are escaped here, so that
/// they cannot become markup.
enum HTMLText {
  /// Safe between tags and inside quoted attributes. Control characters, which HTML forbids, become U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += " "
      default: result.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return result
  }

  /// Whether HTML allows the scalar: neither a control character nor a noncharacter.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x20 || (0x7F...0x9F).contains(value) { return false }
    return !(0xFDD0...0xFDEF).contains(value) && value & 0xFFFE != 0xFFFE
  }

  /// Fixed decimals, halves rounded away from zero; a dash if not finite.
  static func decimal(_ value: Double, _ decimals: Int) -> String {
    value.isFinite && abs(value) < 1e12 ? value.text(decimals: decimals) : missing
  }

  /// The shortest form: `1`, `0.5`, `0.0005`.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return missing }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  /// Stands for a missing value.
  static let missing = "\u{2013}"
}
