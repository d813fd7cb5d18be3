// CRC-32 as in zlib, PNG and Ethernet (polynomial 0xEDB88320, reflected), so that any language's zlib can check our
// records. Eight bytes a step ("slicing by 8", Kounavis and Berry 2005): a resumed run checks every byte it kept.

/// The checksum of a run of bytes.
public enum CRC32 {
  /// The CRC-32 of `bytes`.
  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      var crc: UInt32 = 0xFFFF_FFFF
      var start = 0
      while start + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        let mixed = word ^ UInt64(crc)
        crc = 0
        for byte in 0..<8 {
          crc ^= tables[(7 - byte) * 256 + Int(truncatingIfNeeded: mixed >> (8 * UInt64(byte)) & 0xFF)]
        }
        start += 8
      }
      while start < bytes.count {
        crc = tables[Int((crc ^ UInt32(bytes[start])) & 0xFF)] ^ (crc >> 8)
        start += 1
      }
      return ~crc
    }
  }

  /// Table k holds the effect of a byte that k zero bytes follow.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let shorter = tables[index - 256]
      tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
    }
    return tables
  }()
}
