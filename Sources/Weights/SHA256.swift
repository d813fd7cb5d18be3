// SHA-256 (FIPS 180-4), to name a model by its bytes: OpenSSL's, which uses the CPU's own instructions for it.

import CCrypto

/// The digest of one run of bytes.
package enum SHA256 {
  /// The digest of `bytes` in lower-case hexadecimal, 64 digits.
  package static func hexadecimal(of bytes: UnsafeRawBufferPointer) -> String {
    let hash = Hash()
    hash.absorb(bytes)
    return hash.hexadecimal()
  }

  /// The digest of a file, of which one megabyte at a time is in memory.
  static func hexadecimal(of file: any ByteSource) throws(WeightsError) -> String {
    let chunkCount = 1 << 20
    let hash = Hash()
    for start in stride(from: 0, to: file.count, by: chunkCount) {
      let chunk = try file.bytes(start..<min(start + chunkCount, file.count))
      chunk.withUnsafeBytes { hash.absorb($0) }
    }
    return hash.hexadecimal()
  }
}

/// A digest in the making.
private final class Hash {
  private let context: OpaquePointer

  init() {
    // Without memory for a few hundred bytes nothing goes on.
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
    self.context = context
    check(EVP_DigestInit_ex(context, EVP_sha256(), nil))
  }

  deinit { EVP_MD_CTX_free(context) }

  func absorb(_ bytes: UnsafeRawBufferPointer) {
    check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// The digest of all that was absorbed; asked for once.
  func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    check(EVP_DigestFinal_ex(context, &digest, nil))
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private func check(_ result: Int32) {
    precondition(result == 1, "OpenSSL's SHA-256 is out of order")
  }
}
