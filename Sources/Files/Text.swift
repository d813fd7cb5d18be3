// Text for messages, tables and CSV; numbers are independent of the locale.

extension String {
  /// The text with "?" for line breaks and other control characters, which file names may contain.
  package var oneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.value {
          case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: "?"
          default: scalar
          }
        }))
  }
}

extension Double {
  /// The number with 0...9 decimals, rounded as `DecimalText` does.
  package func text(decimals: Int) -> String {
    var text = DecimalText()
    text.append(self, decimals: decimals)
    return String(decoding: text.bytes, as: UTF8.self)
  }
}

/// `1 pair`, `2 pairs`; give `plural` where it is not the noun with an s.
package func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// ASCII text under construction.
package struct DecimalText {
  package var bytes: [UInt8] = []

  package init() {}

  /// Appends a number with 0...9 decimals, rounded to nearest, halves away from zero; zero has no sign.
  package mutating func append(_ value: Double, decimals: Int) {
    precondition(decimals >= 0 && decimals <= 9, "0 to 9 decimals are supported")
    var power: UInt64 = 1
    for _ in 0..<decimals { power *= 10 }
    let scaled = (value.magnitude * Double(power)).rounded(.toNearestOrAwayFromZero)
    // Too large for the integers below, or not finite: rare, so the plain description will do.
    guard scaled < 9e18 else {
      bytes += "\(value)".utf8
      return
    }
    let units = UInt64(scaled)
    if value < 0 && units > 0 { bytes.append(UInt8(ascii: "-")) }
    appendDigits(units / power, atLeast: 1)
    if decimals > 0 {
      bytes.append(UInt8(ascii: "."))
      appendDigits(units % power, atLeast: decimals)
    }
  }

  /// Appends an integer, padded with leading zeros.
  private mutating func appendDigits(_ value: UInt64, atLeast minimum: Int) {
    var count = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      count += 1
    }
    count = max(count, minimum)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: count))
    var place = bytes.count
    rest = value
    while rest > 0 {
      place -= 1
      bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
