import Files
import Synchronization

/// A model file's SHA-256, computed once on first use: a run that writes no record never needs it.
final class FileDigest: Sendable {
  private let known: Mutex<String?>
  private let make: @Sendable () -> String

  init(_ value: String) {
    known = Mutex(value)
    make = { value }
  }

  /// `bytes` must stay valid while the program runs.
  init(ofPermanent bytes: UnsafeRawBufferPointer) {
    known = Mutex(nil)
    let bytes = PermanentBytes(bytes: bytes)
    make = { SHA256.hexadecimal(of: bytes.bytes) }
  }

  /// Lower-case hexadecimal.
  var value: String {
    known.withLock { known in
      if let known { return known }
      let made = make()
      known = made
      return made
    }
  }
}

/// Sendable because nobody writes to the program's own bytes.
private struct PermanentBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
}
