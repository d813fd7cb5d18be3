// Bytes that are read piece by piece: an open file, or memory.
//
// A checkpoint may hold far more than the weights that are wanted of it (an optimiser's state, say), so a file is
// not read as a whole. It is read, not mapped: a file that shrinks while it is mapped kills the process.

import Files
import Glibc

/// Random access to a run of bytes.
protocol ByteSource: Sendable {
  /// What it is called in error messages: the file's path, or the name of an embedded file.
  var name: String { get }
  /// Number of bytes.
  var count: Int { get }
  /// Copies the bytes of `range`, which lies within `0..<count`, to `target`, which is as long.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(WeightsError)
}

extension ByteSource {
  /// A copy of the bytes of `range`, which lies within `0..<count`.
  func bytes(_ range: Range<Int>) throws(WeightsError) -> [UInt8] {
    // An array that stays empty would be written to where all empty arrays are one.
    guard !range.isEmpty else { return [] }
    var failure: WeightsError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      do throws(WeightsError) {
        try read(
          range,
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count])
        )
        filled = range.count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// Bytes in memory.
struct MemorySource: ByteSource {
  let name: String
  let bytes: [UInt8]
  var count: Int { bytes.count }

  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

/// A regular file, open for reading as long as this object lives.
final class FileSource: ByteSource {
  /// No matcher's weights come near this size; a mistaken path may.
  static let maximumCount = 1 << 30

  let name: String
  let count: Int
  private let file: OpenFile

  init(path: String) throws(WeightsError) {
    // A path with a zero byte would be cut there.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(source: path) }
    // Non-blocking, or opening a pipe would wait for its writer.
    file = try OpenFile(path, O_RDONLY | O_NONBLOCK) { error -> WeightsError in
      switch error.number {
      case ENOENT, ENOTDIR: .notFound(source: path)
      // A socket cannot be opened at all.
      case ENXIO: .notRegularFile(source: path)
      default: .unreadable(source: path, reason: error.reason)
      }
    }
    let status: FileStatus
    do { status = try file.status() } catch { throw .unreadable(source: path, reason: error.reason) }
    name = path
    count = status.byteCount
    if status.isFolder { throw .isDirectory(source: path) }
    guard status.isRegular else { throw .notRegularFile(source: path) }
    guard count <= Self.maximumCount else {
      throw .tooLarge(source: path, bytes: count, limit: Self.maximumCount)
    }
  }

  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(WeightsError) {
    precondition(range.count == target.count && range.upperBound <= count, "bytes \(range) of \(count)")
    let filled: Int
    do { filled = try file.read(into: target, at: range.lowerBound) } catch {
      throw .unreadable(source: name, reason: error.reason)
    }
    guard filled == range.count else {
      throw .unreadable(source: name, reason: "it became shorter while it was read")
    }
  }
}
