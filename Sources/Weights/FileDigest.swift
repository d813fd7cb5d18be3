// The SHA-256 of a model's file, made when it is first asked for: a run that writes no record has no use for it.

import Files
import Synchronization

/// A digest that is known, or will be made once.
final class FileDigest: Sendable {
  private let known: Mutex<String?>
  private let make: @Sendable () -> String

  /// A digest that was made already.
  init(_ value: String) {
    known = Mutex(value)
    make = { value }
  }

  /// The digest of bytes that stay where they are for as long as the program runs.
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

/// Nobody writes to bytes that belong to the program itself.
private struct PermanentBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
}
