// The bytes of a regular file, read into memory at once.
//
// Read, not mapped: a file that shrinks while it is mapped kills the process.

import Glibc

/// A whole file in memory.
struct FileBytes {
  /// No matcher's weights come near this size; a mistaken path may.
  static let maximumCount = 1 << 30

  private let bytes: [UInt8]

  init(path: String) throws(WeightsError) {
    // A path with a zero byte would be cut there.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(source: path) }
    // Non-blocking, or opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw .notFound(source: path) }
      // A socket cannot be opened at all.
      if errno == ENXIO { throw .notRegularFile(source: path) }
      throw Self.unreadable(path)
    }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw Self.unreadable(path) }
    switch information.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .isDirectory(source: path)
    default: throw .notRegularFile(source: path)
    }
    let count = Int(information.st_size)
    guard count <= Self.maximumCount else {
      throw .tooLarge(source: path, bytes: count, limit: Self.maximumCount)
    }
    var failure: WeightsError?
    bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let part = read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
        if part < 0, errno == EINTR { continue }
        if part < 0 { failure = Self.unreadable(path) }
        guard part > 0 else { return }
        filled += part
      }
    }
    if let failure { throw failure }
  }

  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(WeightsError) -> Result
  ) throws(WeightsError) -> Result {
    // Typed throws through `withUnsafeBytes` need the closure's error spelled out as a value.
    let result = bytes.withUnsafeBytes { bytes in
      Swift.Result { () throws(WeightsError) in try body(bytes) }
    }
    return try result.get()
  }

  private static func unreadable(_ path: String) -> WeightsError {
    .unreadable(source: path, reason: String(cString: strerror(errno)))
  }
}
