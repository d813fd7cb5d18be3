// A file that a library writes by name: it works on a hidden temporary name in the same folder, which becomes the final
// name by rename(2) when all is well and is removed otherwise. (AtomicFile in Imaging does the same for bytes.)

import Glibc

/// A name to write to until `commit` gives the file its own.
final class TemporaryFile {
  /// The name that the caller gave.
  let path: String
  /// Where to write; there is an empty file.
  let temporaryPath: String
  private var isPending = true

  /// Reserves a name beside `path`. Throws `cannotWrite` for a folder, a missing folder or missing permission.
  init(path: String) throws(ReconstructionError) {
    if path.isEmpty || path.hasSuffix("/") { throw .cannotWrite(path: path, reason: "it names no file") }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      throw .cannotWrite(path: path, reason: "it is not a regular file")
    }
    if exists && access(path, W_OK) != 0 { throw .cannotWrite(path: path, reason: systemReason(errno)) }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let name = folder + ".match-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".part"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemReason(errno)) }
    close(descriptor)
    self.path = path
    temporaryPath = name
  }

  deinit {
    if isPending { unlink(temporaryPath) }
  }

  /// Waits until the bytes are on the disk and gives the file its name.
  func commit() throws(ReconstructionError) {
    let descriptor = open(temporaryPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemReason(errno)) }
    let synchronised = fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS
    let reason = errno
    close(descriptor)
    guard synchronised else { throw .cannotWrite(path: path, reason: systemReason(reason)) }
    guard rename(temporaryPath, path) == 0 else {
      throw .cannotWrite(path: path, reason: systemReason(errno))
    }
    isPending = false
  }
}

/// The system's text for an error number.
func systemReason(_ number: Int32) -> String {
  strerror(number).map { String(cString: $0) } ?? "error \(number)"
}

/// Makes a folder and those above it, as far as they are missing.
func makeFolder(_ path: String) throws(ReconstructionError) {
  var made = ""
  for part in path.split(separator: "/", omittingEmptySubsequences: false) {
    made += part.isEmpty ? "/" : "\(part)/"
    if mkdir(made, 0o777) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES && errno != EPERM {
      throw .cannotWrite(path: path, reason: systemReason(errno))
    }
  }
  var status = stat()
  guard stat(path, &status) == 0 else { throw .cannotWrite(path: path, reason: systemReason(errno)) }
  guard status.st_mode & S_IFMT == S_IFDIR else { throw .cannotWrite(path: path, reason: "it is no folder") }
}
