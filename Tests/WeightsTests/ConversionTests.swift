// Element types against their definitions, and SHA-256 against the vectors of NIST.

import Testing

@testable import Weights

@Suite struct ConversionTests {
  /// The finite value of `bits` by IEEE 754: sign, exponent field of `exponentBits`, fraction.
  private func value(_ bits: UInt16, exponentBits: Int) -> Double? {
    let fractionBits = 15 - exponentBits
    let exponent = Int(bits & 0x7FFF) >> fractionBits
    let fraction = Double(Int(bits) & (1 << fractionBits - 1)) / Double(1 << fractionBits)
    let bias = 1 << (exponentBits - 1) - 1
    guard exponent != 1 << exponentBits - 1 else { return nil }
    let magnitude =
      exponent == 0
      ? Double(sign: .plus, exponent: 1 - bias, significand: 1) * fraction
      : Double(sign: .plus, exponent: exponent - bias, significand: 1 + fraction)
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  @Test(arguments: [("F16", 5), ("BF16", 8)]) func everyFiniteHalf(type: String, exponentBits: Int) throws {
    var data: [UInt8] = []
    var expected: [Double] = []
    for bits in UInt16.min...UInt16.max {
      guard let value = value(bits, exponentBits: exponentBits) else { continue }
      withUnsafeBytes(of: bits.littleEndian) { data += $0 }
      expected.append(value)
    }
    let header = "{" + entry("w", type, "[\(expected.count)]", "[0,\(data.count)]") + "}"
    let values = try #require(try read(fileBytes(header: header, data: data)).tensors["w"]).values
    #expect(values.map(Double.init) == expected)
    #expect(values.map(\.sign) == expected.map(\.sign))
  }

  @Test func doublesRoundToNearest() throws {
    let doubles = [
      1.0, 0.1, -0x1p-149, .leastNonzeroMagnitude, 3.4028234e38, 1 + 0x1p-24, 1 + 0x1.8p-24, -0.0,
    ]
    var data: [UInt8] = []
    for double in doubles { withUnsafeBytes(of: double.bitPattern.littleEndian) { data += $0 } }
    // One spare byte of header puts the data at an odd address.
    for spare in ["", " "] {
      let header = "{" + entry("w", "F64", "[8]", "[0,64]") + "}" + spare
      let values = try #require(try read(fileBytes(header: header, data: data)).tensors["w"]).values
      #expect(values.map(\.bitPattern) == doubles.map { Float($0).bitPattern })
    }
  }
}
