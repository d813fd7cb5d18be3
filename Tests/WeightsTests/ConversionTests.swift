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

  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func sha256(text: String, count: Int, digest: String) {
    let bytes = Array(String(repeating: text, count: count).utf8)
    #expect(bytes.withUnsafeBytes { SHA256.hexadecimal(of: $0) } == digest)
  }

  @Test func sha256OfEveryTailLength() {
    // Python: hashlib.sha256("".join(hashlib.sha256(bytes(range(n))).hexdigest() for n in range(130)).encode())
    let digests = (0..<130).map { count in
      (0..<count).map(UInt8.init).withUnsafeBytes { SHA256.hexadecimal(of: $0) }
    }
    let all = Array(digests.joined().utf8).withUnsafeBytes { SHA256.hexadecimal(of: $0) }
    #expect(all == "86ad28dbfd993eaac93b418876265379dced3a4a051fe854038149afd8a13c2c")
  }
}
