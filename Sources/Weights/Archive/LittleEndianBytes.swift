// Little-endian integers in a run of bytes that may end too early.

/// A cursor over bytes; reading past the end gives nil.
struct LittleEndianBytes {
  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  init(_ bytes: some Sequence<UInt8>) {
    self.bytes = ArraySlice(bytes)
    position = self.bytes.startIndex
  }

  /// Number of bytes that are left.
  var remaining: Int { bytes.endIndex - position }

  /// The next integer.
  mutating func next<Integer: FixedWidthInteger & UnsignedInteger>(_ type: Integer.Type) -> Integer? {
    guard let bytes = take(MemoryLayout<Integer>.size) else { return nil }
    return bytes.reversed().reduce(0) { $0 << 8 | Integer($1) }
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
