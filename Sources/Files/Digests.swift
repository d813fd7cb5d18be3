// SHA-256 (FIPS 180-4), to identify content: OpenSSL's, which uses the CPU's instructions for it.
// CRC-32 (ISO 3309, as in zlib, PNG and zip), to detect damage: zlib in any language can check our files.

import CCrypto
import CZlib

/// An incremental SHA-256 digest.
package final class SHA256 {
  private let context: OpaquePointer

  package init() {
    // Nothing works without memory for a few hundred bytes.
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
    self.context = context
    check(EVP_DigestInit_ex(context, EVP_sha256(), nil))
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// The digest of all bytes in lower-case hexadecimal, 64 digits; to be called once.
  package func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    check(EVP_DigestFinal_ex(context, &digest, nil))
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private func check(_ result: Int32) { precondition(result == 1, "OpenSSL's SHA-256 failed") }

  /// The digest of `bytes` in lower-case hexadecimal, 64 digits.
  package static func hexadecimal(of bytes: UnsafeRawBufferPointer) -> String {
    let digest = SHA256()
    digest.update(bytes)
    return digest.hexadecimal()
  }

  package static func hexadecimal(of bytes: some Collection<UInt8>) -> String {
    bytes.withContiguousStorageIfAvailable { hexadecimal(of: UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { hexadecimal(of: $0) }
  }
}

package enum CRC32 {
  package static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
    func checksum(_ buffer: UnsafeBufferPointer<UInt8>) -> UInt32 {
      UInt32(truncatingIfNeeded: crc32_z(0, buffer.baseAddress, buffer.count))
    }
    return bytes.withContiguousStorageIfAvailable(checksum) ?? Array(bytes).withUnsafeBufferPointer(checksum)
  }
}
