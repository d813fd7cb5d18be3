import Files
import Glibc

/// Random access to a file's or an array's bytes. A checkpoint may hold far more than the wanted weights (an
/// optimiser's state, say), so it is not read whole; nor is it mapped, because a file that shrinks while mapped kills
/// the process.
protocol ByteSource: Sendable {
  /// The name in error messages: the file's path, or an embedded file's name.
  var name: String { get }
  var count: Int { get }
  /// Copies `range`, within `0..<count`, to `target` of the same length.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(WeightsError)
}

extension ByteSource {
  /// A copy of `range`, within `0..<count`.
  func bytes(_ range: Range<Int>) throws(WeightsError) -> [UInt8] {
    // Empty arrays share their storage, which must not be written to.
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

struct MemorySource: ByteSource {
  let name: String
  let bytes: [UInt8]
  var count: Int { bytes.count }

  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

/// A regular file, open while this object lives.
final class FileSource: ByteSource {
  /// Far above any matcher's weights: guards against a mistaken path.
  static let maximumCount = 1 << 30

  let name: String
  let count: Int
  private let file: OpenFile

  init(path: String) throws(WeightsError) {
    // A path would be truncated at a zero byte.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(source: path) }
    // Non-blocking, so that opening a pipe does not wait for its writer.
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
      throw .unreadable(source: name, reason: "it shrank while being read")
    }
  }
}
