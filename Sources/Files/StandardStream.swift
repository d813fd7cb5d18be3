import Glibc

/// Standard output and standard error, unbuffered, with errors that are not lost.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Throws `OutputClosed` if the reader has gone away or the stream takes no more.
  package func writeAll(_ bytes: [UInt8]) throws(OutputClosed) {
    let failure = bytes.withUnsafeBufferPointer { Files.writeAll($0, to: rawValue) }
    if let failure { throw OutputClosed(failure) }
  }

  package func writeAll(_ text: String) throws(OutputClosed) { try writeAll(Array(text.utf8)) }

  /// Writes a text, ignoring errors: a message that nobody can read is no reason to fail.
  package func write(_ text: String) { try? writeAll(text) }

  package var isTerminal: Bool { isatty(rawValue) != 0 }
}

/// Writing to standard output failed: its reader has gone away, or its disk is full.
package struct OutputClosed: ReportedError {
  private let error: SystemError

  init(_ error: SystemError) { self.error = error }

  package var description: String {
    let problem = error.number == EPIPE ? "was closed early" : "cannot be written (\(error.reason))"
    return "standard output \(problem), so the result is incomplete; write it to a file"
  }

  package var exitStatus: ExitStatus { .outputClosed }
}
