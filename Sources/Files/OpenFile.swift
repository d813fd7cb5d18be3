// Files over open(2), read(2), write(2) and stat(2): short reads and writes continue, interrupted calls are repeated.

import Glibc

/// A system call that failed.
package struct SystemError: Error, Equatable, Sendable {
  package let number: Int32

  package init(_ number: Int32 = errno) { self.number = number }

  package var reason: String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}

/// A file descriptor, closed when dropped.
package struct OpenFile: ~Copyable, Sendable {
  package let descriptor: Int32

  /// `flags` are those of open(2).
  package init(_ path: String, _ flags: Int32 = O_RDONLY) throws(SystemError) {
    try self.init(path, flags) { $0 }
  }

  package init<Failure: Error>(
    _ path: String, _ flags: Int32 = O_RDONLY, orThrow failure: (SystemError) -> Failure
  ) throws(Failure) {
    let descriptor = open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(SystemError()) }
    self.descriptor = descriptor
  }

  deinit { Glibc.close(descriptor) }

  /// Closes the file; some file systems only then report the errors of earlier writes.
  package consuming func close() throws(SystemError) {
    let descriptor = descriptor
    discard self
    if Glibc.close(descriptor) != 0 && errno != EINTR { throw SystemError() }
  }

  package func status() throws(SystemError) -> FileStatus {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError() }
    return FileStatus(status)
  }

  /// Fills `target` from `offset` or the current position; returns the number of bytes, fewer only at the end.
  package func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int? = nil
  ) throws(SystemError) -> Int {
    var filled = 0
    while filled < target.count {
      let (place, rest) = (target.baseAddress?.advanced(by: filled), target.count - filled)
      let count =
        offset.map { pread(descriptor, place, rest, off_t($0 + filled)) }
        ?? Glibc.read(descriptor, place, rest)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw SystemError() }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// `count` bytes from `offset` or the current position; fewer only at the end.
  package func bytes(at offset: Int? = nil, count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// Writes all bytes at `offset` or the current position.
  package func write(_ bytes: [UInt8], at offset: Int? = nil) throws(SystemError) {
    let failure = bytes.withUnsafeBufferPointer { writeAll($0, to: descriptor, at: offset) }
    if let failure { throw failure }
  }
}

/// Writes all bytes to a descriptor; returns the error, if any.
func writeAll(
  _ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32, at offset: Int? = nil
) -> SystemError? {
  var written = 0
  while written < bytes.count {
    let (place, rest) = (bytes.baseAddress?.advanced(by: written), bytes.count - written)
    let count =
      offset.map { pwrite(descriptor, place, rest, off_t($0 + written)) } ?? write(descriptor, place, rest)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return SystemError() }
    written += count
  }
  return nil
}

/// The stat(2) of a file or folder.
package struct FileStatus {
  private let status: stat

  init(_ status: stat) { self.status = status }

  /// Nil where nothing has this name or it may not be seen.
  package init?(_ path: String, followsLinks: Bool = true) {
    var status = stat()
    guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    self.status = status
  }

  package var isFolder: Bool { status.st_mode & S_IFMT == S_IFDIR }
  /// Not a folder, device, pipe or socket.
  package var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
  package var byteCount: Int { Int(status.st_size) }
  package var modified: timespec { status.st_mtim }
  var permissions: mode_t { status.st_mode & 0o7777 }

  /// Whether both are the same file, whatever their names.
  package func isSame(as other: FileStatus) -> Bool {
    status.st_dev == other.status.st_dev && status.st_ino == other.status.st_ino
  }
}
