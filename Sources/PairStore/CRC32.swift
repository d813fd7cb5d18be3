// CRC-32 as in zlib, PNG and Ethernet, so that any language's zlib can check our records.

import CZlib

/// The checksum of a run of bytes.
package enum CRC32 {
  /// The CRC-32 of `bytes`.
  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
  }
}
