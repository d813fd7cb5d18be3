// Files that appear whole or not at all: bytes go to a hidden temporary name in the same folder, are synced (fsync) and
// renamed (rename(2)). Dropped without `commit`, they vanish. Symbolic links stay links; permissions are kept.

import Glibc

/// A temporary name to write to until `commit`; for libraries that write files by name.
package final class TemporaryFile {
  /// The name that the caller gave; used in errors.
  package let path: String
  /// Where to write; an empty file exists there.
  package let temporaryPath: String
  private let target: String
  private var isPending = true

  /// Throws `FileError.cannotWrite`, also for a folder, a missing folder or missing permission.
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

  deinit { if isPending { unlink(temporaryPath) } }

  /// Gives the file its name; `durably`: only once its bytes are on the disk.
  ///
  /// Throws `FileError.cannotWrite`; then the temporary file is removed and an older file stays unchanged.
  package func commit(durably: Bool = true) throws(FileError) {
    do throws(SystemError) {
      if durably {
        let file = try OpenFile(temporaryPath, O_WRONLY)
        // Some file systems cannot sync; the rename is atomic all the same.
        if fsync(file.descriptor) != 0 && errno != EINVAL && errno != EROFS { throw SystemError() }
      }
      if rename(temporaryPath, target) != 0 { throw SystemError() }
    } catch {
      throw .cannotWrite(path: path, reason: error.reason)
    }
    isPending = false
  }
}

/// The target of a chain of symbolic links, so that a link stays a link.
private func resolved(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// A file under construction; it appears under its name at `commit`, or never. Devices and pipes
/// (/dev/null, /dev/stdout) are written to directly: renaming would replace them.
package struct AtomicFile: ~Copyable {
  /// The name that the caller gave; used in errors.
  package let path: String
  private let temporary: TemporaryFile?
  private let file: OpenFile

  /// Throws `FileError.cannotWrite`, also for a folder, a missing folder or missing permission.
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

  /// Appends bytes. Throws `FileError.cannotWrite`, for example when the disk is full.
  package mutating func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let descriptor = file.descriptor
    let failure =
      bytes.withContiguousStorageIfAvailable { writeAll($0, to: descriptor) }
      ?? Array(bytes).withUnsafeBufferPointer { writeAll($0, to: descriptor) }
    if let failure { throw .cannotWrite(path: path, reason: failure.reason) }
  }

  package mutating func write(_ text: String) throws(FileError) { try write(text.utf8) }

  /// Gives the file its name, as `TemporaryFile.commit` does.
  package consuming func commit(durably: Bool = true) throws(FileError) {
    let (path, temporary) = (path, temporary)
    do { try file.close() } catch { throw .cannotWrite(path: path, reason: error.reason) }
    try temporary?.commit(durably: durably)
  }

  /// Writes a whole file. Throws `FileError.cannotWrite`.
  package static func write(
    _ bytes: some Collection<UInt8>, to path: String, durably: Bool = true
  ) throws(FileError) {
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit(durably: durably)
  }
}
