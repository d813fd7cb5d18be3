// Little-endian numbers and texts to and from bytes.

/// Bytes under construction.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  /// Length in bytes (UInt16), then UTF-8. Longer texts, which no name of a file is, lose their end.
  mutating func append(_ text: String) {
    let encoded = Array(text.utf8.prefix(Int(UInt16.max)))
    append(UInt16(encoded.count))
    bytes += encoded
  }
}

/// Bytes being read; every reader gives nil at the end.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }
  var isAtEnd: Bool { remaining == 0 }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { return nil }
    defer { position += size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: type))
  }

  mutating func float() -> Float? { integer(UInt32.self).map { Float(bitPattern: $0) } }

  mutating func double() -> Double? { integer(UInt64.self).map { Double(bitPattern: $0) } }

  mutating func text() -> String? {
    guard let count = integer(UInt16.self).map({ Int($0) }), remaining >= count else { return nil }
    defer { position += count }
    return String(
      decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]), as: UTF8.self)
  }
}
