import Tensor

/// Why JSON is rejected. Offsets are in bytes.
enum JSONError: Error, Equatable {
  case syntax(offset: Int, problem: String)
  case duplicate(name: String)
  case tooComplex(limit: String)
}

/// A strict JSON reader (RFC 8259) for untrusted text.
///
/// The usual decoders silently keep the last of two equal keys, so that one file can mean two things to two readers;
/// this one rejects them at every level, after resolving escapes. Depth and number of values are bounded, to protect
/// stack and memory. `null` has no place in our files and is rejected.
struct JSONReader {
  static let maximumDepth = 32
  static let maximumValues = 1_000_000

  private let text: UnsafeRawBufferPointer
  private var position = 0
  private var values = 0

  /// The value of UTF-8 `text`; surrounding white space is allowed.
  static func read(_ text: UnsafeRawBufferPointer) throws(JSONError) -> Setting {
    var reader = JSONReader(text: text)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == text.count else { throw reader.error("text after the value") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> Setting {
    guard depth < Self.maximumDepth else { throw .tooComplex(limit: "\(Self.maximumDepth) levels") }
    values += 1
    guard values <= Self.maximumValues else { throw .tooComplex(limit: "\(Self.maximumValues) values") }
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return .group(try group(depth: depth))
    case UInt8(ascii: "["): return .list(try list(depth: depth))
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): throw error("null")
    default: return .number(try number())
    }
  }

  private mutating func group(depth: Int) throws(JSONError) -> [String: Setting] {
    var group: [String: Setting] = [:]
    position += 1
    skipSpace()
    if accept("}") { return group }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw error("no name") }
      let name = try string()
      // String equality is canonical equivalence, so names that merely look the same are rejected as well.
      guard group[name] == nil else { throw .duplicate(name: name) }
      skipSpace()
      guard accept(":") else { throw error("no colon after a name") }
      group[name] = try value(depth: depth + 1)
      skipSpace()
      if accept("}") { return group }
      guard accept(",") else { throw error("neither comma nor closing brace") }
    }
  }

  private mutating func list(depth: Int) throws(JSONError) -> [Setting] {
    var list: [Setting] = []
    position += 1
    skipSpace()
    if accept("]") { return list }
    while true {
      list.append(try value(depth: depth + 1))
      skipSpace()
      if accept("]") { return list }
      guard accept(",") else { throw error("neither comma nor closing bracket") }
    }
  }

  private mutating func word(_ word: StaticString, _ value: Setting) throws(JSONError) -> Setting {
    let end = position + word.utf8CodeUnitCount
    guard end <= text.count,
      text[position..<end].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw error("an unknown word") }
    position = end
    return value
  }

  private mutating func number() throws(JSONError) -> Double {
    let start = position
    _ = accept("-")
    if !accept("0") { try digits() }
    if accept(".") { try digits() }
    if accept("e") || accept("E") {
      if !accept("+") { _ = accept("-") }
      try digits()
    }
    guard let number = Double(String(decoding: text[start..<position], as: UTF8.self)), number.isFinite else {
      throw .syntax(offset: start, problem: "a number out of range")
    }
    return number
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw error("no value") }
  }

  private mutating func string() throws(JSONError) -> String {
    let start = position
    var bytes: [UInt8] = []
    position += 1
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw .syntax(offset: start, problem: "a string that is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): bytes += Array(String(try escape()).utf8)
      case 0..<0x20: throw error("a control character in a string")
      default: bytes.append(byte)
      }
    }
    throw .syntax(offset: start, problem: "an unterminated string")
  }

  /// The scalar of an escape whose backslash has been read.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let kind = peek()
    position += 1
    switch kind {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      // The first half of a surrogate pair needs the second.
      if 0xD800..<0xDC00 ~= code, accept("\\"), accept("u") {
        let second = try codeUnit()
        guard 0xDC00..<0xE000 ~= second else { throw error("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (second - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      return scalar
    default: throw error("an unknown escape")
    }
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("an unfinished escape")
      }
      code = code << 4 + UInt32(digit)
      position += 1
    }
    return code
  }

  private func peek() -> UInt8? { position < text.count ? text[position] : nil }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard let byte = peek(), UInt32(byte) == scalar.value else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func error(_ problem: String) -> JSONError {
    .syntax(offset: min(position, text.count), problem: problem)
  }
}
