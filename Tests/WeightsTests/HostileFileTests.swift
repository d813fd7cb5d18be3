// Each way in which a safetensors file can be wrong, and the exact error that it must give.

import Testing

@testable import Weights

@Suite struct HostileFileTests {
  /// One float of value 1.
  static let one: [UInt8] = [0, 0, 0x80, 0x3F]

  @Test func soundFileIsRead() throws {
    let file = try read(fileBytes(header: "{" + entry("w", "[1]", "[0,4]") + "}  ", data: Self.one))
    #expect(file.tensors["w"]?.values == [1])
  }

  @Test(arguments: 0..<8) func tooShort(count: Int) {
    #expect(throws: WeightsError.tooShort(source: source, bytes: count)) {
      try read(Array(repeating: 1, count: count))
    }
  }

  @Test(arguments: [1 << 63, .max, 1 << 63 - 1, 100_000_001, 3] as [UInt64])
  func headerLength(length: UInt64) {
    #expect(throws: WeightsError.headerLength(source: source, length: length, available: 2)) {
      try read(fileBytes(header: "{}", length: length))
    }
  }

  @Test func headerBeyondLimitThoughInsideTheFile() {
    let bytes = fileBytes(header: "{}", data: Array(repeating: 0x20, count: 100_000_001), length: 100_000_001)
    #expect(throws: WeightsError.headerLength(source: source, length: 100_000_001, available: 100_000_003)) {
      try read(bytes)
    }
  }

  @Test(
    arguments: [
      [0x50, 0x4B, 0x03, 0x04, 0, 0, 8, 8, 0], [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9],
    ] as [[UInt8]])
  func pyTorchCheckpoint(bytes: [UInt8]) {
    #expect(throws: WeightsError.pyTorchCheckpoint(source: source)) { try read(bytes) }
  }

  @Test(arguments: [
    ("", 8, "no value"), ("x", 8, "no value"), ("[]", 8, "not an object"), ("\"text\"", 8, "not an object"),
    ("{} {}", 11, "text after the value"), ("{", 9, "no name"), ("{\"a\":nul", 13, "null"),
    ("{\"a\":tru}", 13, "an unknown word"), ("{\"a\":01}", 14, "neither comma nor closing brace"),
    ("{\"a\":1,}", 15, "no name"), ("{\"a\":[1,]}", 16, "no value"),
    ("{\"a\" 1}", 13, "no colon after a name"),
    ("{\"a\":1.}", 15, "no value"), ("{\"a\":-}", 14, "no value"), ("{\"a\":+1}", 13, "no value"),
    ("{\"a\":1e999}", 13, "a number out of range"), ("{\"a\":NaN}", 13, "no value"),
    ("{\"a", 9, "an unterminated string"), ("{\"\\x\":1}", 12, "an unknown escape"),
    ("{\"\\u12\":1}", 14, "an unfinished escape"), ("{\"\\ud800\":1}", 16, "half of a surrogate pair"),
    ("{\"\\ud800\\u0041\":1}", 22, "half of a surrogate pair"),
    ("{\"\n\":1}", 11, "a control character in a string"),
  ])
  func notJSON(header: String, offset: Int, problem: String) {
    #expect(throws: WeightsError.headerNotJSON(source: source, offset: offset, problem: problem)) {
      try read(fileBytes(header: header))
    }
  }

  @Test func notUTF8() {
    var bytes = fileBytes(header: "{\"ab\":1}")
    (bytes[10], bytes[11]) = (0xC0, 0x80)
    #expect(
      throws: WeightsError.headerNotJSON(source: source, offset: 9, problem: "a string that is not UTF-8")
    ) {
      try read(bytes)
    }
  }

  @Test(arguments: ["[", "{\"a\":"]) func deepNesting(opening: String) {
    let header = "{\"a\":" + String(repeating: opening, count: 100_000)
    #expect(throws: WeightsError.headerTooComplex(source: source, limit: "32 levels")) {
      try read(fileBytes(header: header))
    }
  }

  @Test func tooManyValues() {
    let header = "{\"a\":[" + String(repeating: "0,", count: 1_000_001) + "0]}"
    #expect(throws: WeightsError.headerTooComplex(source: source, limit: "1000000 values")) {
      try read(fileBytes(header: header))
    }
  }

  @Test(arguments: [("w", "w"), ("w", "\\u0077"), ("\\ud83d\\ude00", "😀"), ("\u{E9}", "e\u{301}")])
  func duplicateNames(name: String, other: String) {
    let header = "{" + entry(name, "[1]", "[0,4]") + "," + entry(other, "[1]", "[4,8]") + "}"
    let plain = name.hasPrefix("\\") ? other : name
    #expect(throws: WeightsError.duplicateName(source: source, name: plain)) {
      try read(fileBytes(header: header, data: Self.one + Self.one))
    }
  }

  @Test func duplicateFieldsOfAnEntry() {
    let header = #"{"w":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#
    #expect(throws: WeightsError.duplicateName(source: source, name: "shape")) {
      try read(fileBytes(header: header, data: Self.one))
    }
  }

  @Test(arguments: [
    ("{\"a\":1}", "a"), ("{\"a\":\"b\",\"c\":{}}", "c"), ("[]", "__metadata__"), ("\"x\"", "__metadata__"),
  ])
  func metadataNotText(metadata: String, name: String) {
    #expect(throws: WeightsError.metadataNotText(source: source, name: name)) {
      try read(fileBytes(header: "{\"__metadata__\":\(metadata)}"))
    }
  }

  @Test(arguments: [
    ("1", "is not described by an object"),
    (#"{"shape":[1],"data_offsets":[0,4]}"#, "has no dtype"),
    (#"{"dtype":7,"shape":[1],"data_offsets":[0,4]}"#, "has no dtype"),
    (#"{"dtype":"F32","data_offsets":[0,4]}"#, "has no shape"),
    (#"{"dtype":"F32","shape":{},"data_offsets":[0,4]}"#, "has no shape"),
    (#"{"dtype":"F32","shape":[1]}"#, "has no data_offsets"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}"#, "has an unknown field 'x'"),
    (#"{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}"#, "has an extent that is not an integer"),
    (#"{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}"#, "has an extent that is not an integer"),
    (#"{"dtype":"F32","shape":[1e30],"data_offsets":[0,4]}"#, "has an extent that is not an integer"),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[0,4.5]}"#, "has an offset that is not an integer"),
    (
      #"{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}"#,
      "has an offset that is not an integer"
    ),
    (#"{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}"#, "has a negative offset"),
  ])
  func malformedEntry(description: String, problem: String) {
    #expect(throws: WeightsError.entryMalformed(source: source, tensor: "w", problem: problem)) {
      try read(fileBytes(header: "{\"w\":\(description)}", data: Self.one))
    }
  }

  @Test(arguments: [("[]", 0), ("[0]", 1), ("[0,4,8]", 3)]) func offsetCount(offsets: String, found: Int) {
    check(.offsetCount(source: source, tensor: "w", found: found), [entry("w", "[1]", offsets)])
  }

  @Test func offsetsReversed() {
    check(.offsetsReversed(source: source, tensor: "w", begin: 4, end: 0), [entry("w", "[1]", "[4,0]")])
  }

  @Test func overlap() {
    check(
      .overlap(source: source, tensor: "b", expectedBegin: 4, begin: 2),
      [entry("b", "[1]", "[2,6]"), entry("a", "[1]", "[0,4]")], data: 6)
    check(
      .overlap(source: source, tensor: "b", expectedBegin: 4, begin: 0),
      [entry("a", "[1]", "[0,4]"), entry("b", "[1]", "[0,4]")], data: 4)
  }

  @Test func hole() {
    check(
      .hole(source: source, tensor: "w", expectedBegin: 0, begin: 4), [entry("w", "[1]", "[4,8]")], data: 8)
    check(
      .hole(source: source, tensor: "b", expectedBegin: 4, begin: 5),
      [entry("a", "[1]", "[0,4]"), entry("b", "[1]", "[5,9]")], data: 9)
  }

  @Test func negativeExtents() {
    // Their product is the right one.
    check(
      .negativeExtent(source: source, tensor: "w", shape: [-1, -1]), [entry("w", "[-1,-1]", "[0,4]")])
  }

  @Test(arguments: [
    [1 << 62, 2], [1 << 32, 1 << 32], [1 << 61, 1], [1 << 62, 4, 0], [1 << 16, 1 << 16, 1 << 16, 1 << 16],
  ])
  func shapeOverflow(shape: [Int]) {
    check(.shapeOverflow(source: source, tensor: "w", shape: shape), [entry("w", "\(shape)", "[0,4]")])
    check(
      .shapeOverflow(source: source, tensor: "w", shape: shape), [entry("w", "\(shape)", "[0,0]")], data: 0)
  }

  @Test(arguments: ["U8", "BOOL", "F8_E4M3", "f32", ""]) func unsupportedType(type: String) {
    check(.unsupportedType(source: source, tensor: "w", type: type), [entry("w", type, "[1]", "[0,4]")])
  }

  @Test func sizeMismatch() {
    check(.sizeMismatch(source: source, tensor: "w", expected: 8, found: 4), [entry("w", "[2]", "[0,4]")])
    check(
      .sizeMismatch(source: source, tensor: "w", expected: 2, found: 4), [entry("w", "F16", "[1]", "[0,4]")])
    check(
      .sizeMismatch(source: source, tensor: "w", expected: 4, found: 0), [entry("w", "[]", "[0,0]")], data: 0)
  }

  @Test func truncated() {
    check(.truncated(source: source, expected: 4, found: 3), [entry("w", "[1]", "[0,4]")], data: 3)
    check(
      .truncated(source: source, expected: 1 << 42, found: 4), [entry("w", "[\(1 << 40)]", "[0,\(1 << 42)]")])
  }

  @Test func trailingBytes() {
    check(.trailingBytes(source: source, count: 1), [entry("w", "[1]", "[0,4]")], data: 5)
    check(.trailingBytes(source: source, count: 2), [], data: 2)
  }

  @Test(
    arguments: [
      ("F32", [0, 0, 0xC0, 0x7F]), ("F32", [0, 0, 0x80, 0xFF]), ("F32", [1, 0, 0x80, 0x7F]),
      ("F16", [0, 0x7C]),
      ("F16", [1, 0xFE]), ("BF16", [0x80, 0x7F]), ("BF16", [0xC0, 0xFF]),
      ("F64", [0, 0, 0, 0, 0, 0, 0xF0, 0x7F]),
      // 1e39 is a finite double.
      ("F64", [0xEA, 0x8C, 0xA0, 0x39, 0x59, 0x83, 0x07, 0x48]),
    ] as [(String, [UInt8])])
  func notFinite(type: String, element: [UInt8]) {
    let zeros = Array(repeating: UInt8(0), count: element.count)
    let header = "{" + entry("w", type, "[3]", "[0,\(3 * element.count)]") + "}"
    #expect(throws: WeightsError.notFinite(source: source, tensor: "w")) {
      try read(fileBytes(header: header, data: zeros + zeros + element))
    }
    #expect(throws: Never.self) { try read(fileBytes(header: header, data: zeros + zeros + zeros)) }
  }

  private func check(
    _ error: WeightsError, _ entries: [String], data: Int = 4, at location: SourceLocation = #_sourceLocation
  ) {
    let header = "{" + entries.joined(separator: ",") + "}"
    #expect(throws: error, sourceLocation: location) {
      try read(fileBytes(header: header, data: Array(repeating: 0, count: data)))
    }
  }
}
