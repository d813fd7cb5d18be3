// Writing a file so that it is there whole or not at all: bytes go to a temporary name in the same folder,
// reach the disk (fsync) and take the final name by rename(2). Dropping the writer without `commit` removes the
// temporary file. Names of devices and pipes (/dev/null, /dev/stdout) are written to directly: renaming over
// them would replace them.

import Glibc

/// A file under construction; it appears under its name at `commit`, or never.
package struct AtomicFile: ~Copyable {
  /// The name that the caller gave; used in errors.
  package let path: String
  private let target: String
  private let temporary: String?
  private var descriptor: Int32

  /// Starts a file. Throws `cannotWrite` for a folder, a missing folder or missing permission.
  package init(path: String) throws(ImagingError) {
    let destination = try Destination(path)
    self.path = path
    target = destination.target
    temporary = destination.temporary
    descriptor = destination.descriptor
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      if let temporary { unlink(temporary) }
    }
  }

  /// Appends bytes. Throws `cannotWrite`, for example when the disk is full.
  package mutating func write(_ bytes: some Collection<UInt8>) throws(ImagingError) {
    let written = bytes.withContiguousStorageIfAvailable { writeAll($0) } ?? writeAllCopied(bytes)
    if written != 0 { throw .cannotWrite(path: path, reason: systemReason(written)) }
  }

  /// Appends text as UTF-8. Throws as `write(_:)` for bytes.
  package mutating func write(_ text: String) throws(ImagingError) {
    try write(text.utf8)
  }

  /// Gives the file its name. Throws `cannotWrite`; then the temporary file is gone and an older file unchanged.
  package consuming func commit() throws(ImagingError) {
    let opened = descriptor
    if let temporary {
      // Some file systems cannot synchronise (EINVAL); the rename is atomic all the same.
      if fsync(opened) != 0 && errno != EINVAL && errno != EROFS {
        throw .cannotWrite(path: path, reason: systemReason(errno))
      }
      if rename(temporary, target) != 0 { throw .cannotWrite(path: path, reason: systemReason(errno)) }
    }
    descriptor = -1  // the deinit has nothing left to undo
    if close(opened) != 0 && errno != EINTR { throw .cannotWrite(path: path, reason: systemReason(errno)) }
  }

  /// Writes a whole file at once. Throws `cannotWrite`.
  package static func write(_ bytes: some Collection<UInt8>, to path: String) throws(ImagingError) {
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
  }

  /// Returns 0 or the error number.
  private func writeAll(_ buffer: UnsafeBufferPointer<UInt8>) -> Int32 {
    var start = 0
    while start < buffer.count {
      let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return errno }
      start += count
    }
    return 0
  }

  private func writeAllCopied(_ bytes: some Collection<UInt8>) -> Int32 {
    Array(bytes).withUnsafeBufferPointer { writeAll($0) }
  }
}

/// Where the bytes go first, and the name that they get in the end.
private struct Destination {
  let target: String
  let temporary: String?
  let descriptor: Int32

  init(_ path: String) throws(ImagingError) {
    if path.isEmpty { throw .cannotWrite(path: path, reason: "the name is empty") }
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if path.hasSuffix("/") || exists && kind == S_IFDIR {
      throw .cannotWrite(path: path, reason: "it names a folder")
    }
    if exists && kind != S_IFREG {
      target = path
      temporary = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
      if descriptor < 0 { throw .cannotWrite(path: path, reason: systemReason(errno)) }
      return
    }
    // rename(2) would replace a write-protected file all the same.
    if exists && access(path, W_OK) != 0 { throw .cannotWrite(path: path, reason: systemReason(errno)) }
    target = exists ? resolvedPath(path) : path
    (temporary, descriptor) = try createTemporary(for: target, path: path)
    if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
  }
}

/// The file that a chain of symbolic links ends at, so that a link stays a link.
private func resolvedPath(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// Creates a new hidden file beside `target`, with the permissions that the process gives new files.
private func createTemporary(
  for target: String, path: String
) throws(ImagingError) -> (name: String, descriptor: Int32) {
  let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
  for _ in 0..<16 {
    let name = folder + ".match-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".part"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor >= 0 { return (name, descriptor) }
    if errno != EEXIST { throw .cannotWrite(path: path, reason: systemReason(errno)) }
  }
  throw .cannotWrite(path: path, reason: "no temporary name is free")
}
