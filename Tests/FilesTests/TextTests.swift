// Text for messages and tables: decimals against printf, names in one line.

import Files
import Foundation
import TestSupport
import Testing

@Suite struct TextTests {
  @Test func edgesOfNumbers() {
    #expect((-0.0).text(decimals: 3) == "0.000")
    #expect(0.0005.text(decimals: 3) == "0.001")
    #expect((-0.0005).text(decimals: 3) == "-0.001")
    #expect(0.00049.text(decimals: 3) == "0.000")
    #expect(9.9995.text(decimals: 3) == "10.000")
    #expect(999_999.9996.text(decimals: 3) == "1000000.000")
    #expect(8e15.text(decimals: 3) == "8000000000000000.000")
    #expect(7.0.text(decimals: 0) == "7")
    #expect(0.000001.text(decimals: 6) == "0.000001")
    #expect(Double((-1e300).text(decimals: 3)) == -1e300)
    #expect(Double.infinity.text(decimals: 3) == "inf")
    #expect((-Double.infinity).text(decimals: 3) == "-inf")
    #expect(Double.nan.text(decimals: 3) == "nan")
  }

  @Test func agreesWithPrintfOnManyValues() {
    var generator = SeededGenerator(1)
    for exponent in -4...7 {
      for _ in 0..<500 {
        let value = Double.random(in: -1...1, using: &generator) * pow(10, Double(exponent))
        // Halves are rounded differently; a random value is one as good as never. printf keeps the sign of 0.
        let expected = String(format: "%.3f", value)
        #expect(value.text(decimals: 3) == (expected == "-0.000" ? "0.000" : expected))
      }
    }
  }

  @Test func namesStayInOneLine() {
    #expect("a\nb\r\nc\u{2028}d\u{7F}e\tf\u{9B}1mé".oneLine == "a?b??c?d?e?f?1mé")
  }

  @Test func numbersOfThings() {
    #expect([0, 1, 2].map { counted($0, "pair") } == ["0 pairs", "1 pair", "2 pairs"])
    #expect(
      counted(1, "match", plural: "matches") == "1 match"
        && counted(3, "match", plural: "matches") == "3 matches")
  }
}
