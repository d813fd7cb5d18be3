// Writing a file so that it is there whole or not at all: bytes go to a hidden temporary name in the same folder,
// reach the disk (fsync) and take the final name by rename(2). Whatever is dropped without `commit` is removed. Links
// stay links, and a file that is replaced passes on its permissions.

import Glibc

/// A name to write to until `commit` gives the file its own; for libraries that write files by name.
package final class TemporaryFile {
  /// The name that the caller gave; used in errors.
  package let path: String
  /// Where to write; there is an empty file.
  package let temporaryPath: String
  private let target: String
  private var isPending = true

  /// Reserves a name beside `path`.
  ///
  /// - Throws: `FileError.cannotWrite`, also for a folder, a missing folder or missing permission.
  package init(path: String) throws(FileError) {
    if path.isEmpty { throw .cannotWrite(path: path, reason: "the name is empty") }
    let status = FileStatus(path)
    if path.hasSuffix("/") || status?.isFolder == true {
      throw .cannotWrite(path: path, reason: "it names a folder")
    }
    if status?.isRegular == false { throw .cannotWrite(path: path, reason: "it is not a regular file") }
    // rename(2) would replace a write-protected file all the same.
    if status != nil && access(path, W_OK) != 0 {
      throw .cannotWrite(path: path, reason: SystemError().reason)
    }
    self.path = path
    target = status == nil ? path : resolved(path)
    temporaryPath =
      Path.folder(of: target) + ".match-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".part"
    let file = try OpenFile(temporaryPath, O_WRONLY | O_CREAT | O_EXCL) {
      FileError.cannotWrite(path: path, reason: $0.reason)
    }
    if let status { _ = fchmod(file.descriptor, status.permissions) }
  }

  deinit {
    if isPending { unlink(temporaryPath) }
  }

  /// Gives the file its name.
  ///
  /// - Parameter durably: whether the bytes are to be on the disk first.
  /// - Throws: `FileError.cannotWrite`; then the temporary file goes, and an older file is unchanged.
  package func commit(durably: Bool = true) throws(FileError) {
    do throws(SystemError) {
      if durably {
        let file = try OpenFile(temporaryPath, O_WRONLY)
        // Some file systems cannot synchronise; the rename is atomic all the same.
        if fsync(file.descriptor) != 0 && errno != EINVAL && errno != EROFS { throw SystemError() }
      }
      if rename(temporaryPath, target) != 0 { throw SystemError() }
    } catch {
      throw .cannotWrite(path: path, reason: error.reason)
    }
    isPending = false
  }
}

/// The file that a chain of symbolic links ends at, so that a link stays a link.
private func resolved(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// A file under construction; it appears under its name at `commit`, or never.
///
/// Names of devices and pipes (/dev/null, /dev/stdout) are written to directly: renaming over them would replace them.
package struct AtomicFile: ~Copyable {
  /// The name that the caller gave; used in errors.
  package let path: String
  private let temporary: TemporaryFile?
  private let file: OpenFile

  /// Starts a file.
  ///
  /// - Throws: `FileError.cannotWrite`, also for a folder, a missing folder or missing permission.
  package init(path: String) throws(FileError) {
    let status = FileStatus(path)
    let isDevice = status.map { !$0.isRegular && !$0.isFolder } ?? false
    let temporary = isDevice ? nil : try TemporaryFile(path: path)
    let file = try OpenFile(temporary?.temporaryPath ?? path, O_WRONLY) {
      FileError.cannotWrite(path: path, reason: $0.reason)
    }
    self.path = path
    self.temporary = temporary
    self.file = file
  }

  /// Appends bytes.
  ///
  /// - Throws: `FileError.cannotWrite`, for example when the disk is full.
  package mutating func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let descriptor = file.descriptor
    let failure =
      bytes.withContiguousStorageIfAvailable { writeAll($0, to: descriptor) }
      ?? Array(bytes).withUnsafeBufferPointer { writeAll($0, to: descriptor) }
    if let failure { throw .cannotWrite(path: path, reason: failure.reason) }
  }

  /// Appends text as UTF-8. Throws as `write(_:)` for bytes.
  package mutating func write(_ text: String) throws(FileError) { try write(text.utf8) }

  /// Gives the file its name. See `TemporaryFile.commit`.
  package consuming func commit(durably: Bool = true) throws(FileError) {
    let (path, temporary) = (path, temporary)
    do { try file.close() } catch { throw .cannotWrite(path: path, reason: error.reason) }
    try temporary?.commit(durably: durably)
  }

  /// Writes a whole file at once. Throws `FileError.cannotWrite`.
  package static func write(
    _ bytes: some Collection<UInt8>, to path: String, durably: Bool = true
  ) throws(FileError) {
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit(durably: durably)
  }
}
