// Little-endian numbers and short texts, for the binary formats of docs/formats.md and for zip.

/// Bytes under construction.
package struct ByteWriter {
  package var bytes: [UInt8] = []

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  @inlinable package mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  /// Appends a text: its length in bytes (UInt16), then UTF-8. Longer texts, which no file name is, are cut.
  package mutating func append(_ text: String) {
    let encoded = Array(text.utf8.prefix(Int(UInt16.max)))
    append(UInt16(encoded.count))
    bytes += encoded
  }
}

/// Bytes being read; past the end, every method gives nil.
package struct ByteReader {
  @usableFromInline let bytes: ArraySlice<UInt8>
  @usableFromInline var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// The number of bytes left.
  @inlinable package var remaining: Int { bytes.endIndex - position }
  package var isAtEnd: Bool { remaining == 0 }

  @inlinable package mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { return nil }
    defer { position += size }
    let offset = position - bytes.startIndex
    return bytes.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
  }

  @inlinable package mutating func float() -> Float? { integer(UInt32.self).map { Float(bitPattern: $0) } }
  @inlinable package mutating func double() -> Double? { integer(UInt64.self).map { Double(bitPattern: $0) } }

  package mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// A text as `ByteWriter` appends it.
  package mutating func text() -> String? {
    integer(UInt16.self).flatMap { take(Int($0)) }.map { String(decoding: $0, as: UTF8.self) }
  }
}
