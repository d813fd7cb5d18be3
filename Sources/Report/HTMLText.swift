// Text and numbers as they stand in a page: whatever comes from file names, model descriptions or the machine is
// escaped here, so that none of it can become markup.

import Files
import Mustache

/// How templates write the values that they are given.
///
/// The template library's own HTML escaping looks at characters, so a quote with a combining accent behind it passes
/// and ends an attribute. Browsers, and `HTMLText.escaped`, look at code points.
struct ReportContent: MustacheContentType {
  func escapeText(_ text: String) -> String { HTMLText.escaped(text) }
}

/// Text inside HTML and SVG.
enum HTMLText {
  /// The text with every character that has a meaning in markup written as a reference.
  ///
  /// Safe between tags and inside quoted attributes. Control characters, which no HTML file may hold, become U+FFFD.
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

  /// Whether HTML allows the character: neither a control nor a noncharacter.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x20 || (0x7F...0x9F).contains(value) { return false }
    return !(0xFDD0...0xFDEF).contains(value) && value & 0xFFFE != 0xFFFE
  }

  /// A number with a fixed count of decimals, halves away from zero; a dash where it is not finite.
  static func decimal(_ value: Double, _ decimals: Int) -> String {
    value.isFinite && abs(value) < 1e12 ? value.text(decimals: decimals) : missing
  }

  /// A number as short as it can be written: `1`, `0.5`, `0.0005`.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return missing }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  /// What stands in place of a value that does not exist.
  static let missing = "\u{2013}"
}
