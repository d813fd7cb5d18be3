// Unbuffered writing to standard output and standard error, with errors that are not lost.

import Glibc

/// One of the two output streams of the process.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Writes all bytes.
  ///
  /// - Throws: `OutputClosed` if the reader has gone away or the stream cannot take more.
  package func writeAll(_ bytes: [UInt8]) throws(OutputClosed) {
    let failure = bytes.withUnsafeBufferPointer { Files.writeAll($0, to: rawValue) }
    if let failure { throw OutputClosed(failure) }
  }

  /// Writes a whole text. Throws as `writeAll(_:)` for bytes.
  package func writeAll(_ text: String) throws(OutputClosed) { try writeAll(Array(text.utf8)) }

  /// Writes a text; a message that nobody can read is no reason to fail.
  package func write(_ text: String) { try? writeAll(text) }

  /// Whether it is a terminal.
  package var isTerminal: Bool { isatty(rawValue) != 0 }
}

/// Standard output took no more: its reader has gone away, or its disk is full.
package struct OutputClosed: ReportedError {
  private let error: SystemError

  init(_ error: SystemError) { self.error = error }

  package var description: String {
    let problem =
      error.number == EPIPE ? "was closed before everything was written" : "took no more (\(error.reason))"
    return "standard output \(problem); the result is incomplete: write it to a file"
  }

  package var exitStatus: ExitStatus { .outputClosed }
}
