// Unbuffered writing to standard output and standard error, with errors that are not lost.

import Glibc

/// One of the two output streams of the process.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes all bytes.
  ///
  /// - Throws: `OutputClosed` if the reader has gone away or the stream cannot take more.
  func writeAll(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        Glibc.write(rawValue, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { throw OutputClosed(number: errno) }
      written += result
    }
  }

  /// Writes a text; a message that nobody can read is no reason to fail.
  func write(_ text: String) { try? writeAll(Array(text.utf8)) }
}
