import Files
import Glibc
import Pipeline

/// One shard's features on disk, for those that do not fit in memory. Reading must beat computing: both are timed, and
/// if the disk is slower, or full, features are computed again instead. Files are written atomically; damaged ones
/// count as missing.
final class FeatureFiles: FeatureSpill {
  typealias Key = FeatureKey<PhotoView>
  typealias Value = CachedPhoto

  private struct State {
    var makingSeconds: [Double] = []
    var readingSeconds: [Double] = []
    var isEnabled = true
  }

  /// Timings needed before the disk is judged.
  private static let trials = 4
  /// Largest ratio of reading time to computing time.
  private static let worthwhileShare = 0.8

  private let folder: String
  private let images: ImageFolder
  private let identity: String
  private let monitor = Monitor(State())

  /// `folder` is this shard's alone and created on demand; `identity` says what features depend on besides the image
  /// file.
  init(folder: String, images: ImageFolder, identity: String) {
    self.folder = folder
    self.images = images
    self.identity = identity
  }

  func value(_ key: Key) -> CachedPhoto? {
    guard monitor.withLock({ $0.isEnabled }), let path = path(key), File.exists(path) else { return nil }
    let start = ContinuousClock.now
    guard let bytes = try? File.read(path) else { return nil }
    let value = CachedPhoto.decoded(bytes)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    monitor.withLock { state in
      state.readingSeconds.append(seconds)
      let (reads, makes) = (state.readingSeconds, state.makingSeconds)
      if reads.count >= Self.trials && makes.count >= Self.trials {
        state.isEnabled = Self.median(reads) <= Self.worthwhileShare * Self.median(makes)
        state.readingSeconds.removeFirst(max(0, reads.count - 2 * Self.trials))
      }
    }
    return value
  }

  func keep(_ value: CachedPhoto, _ key: Key, makingSeconds: Double) {
    let isWorthwhile = monitor.withLock { state in
      if makingSeconds > 0 {
        state.makingSeconds.append(makingSeconds)
        state.makingSeconds.removeFirst(max(0, state.makingSeconds.count - 2 * Self.trials))
      }
      return state.isEnabled
    }
    guard isWorthwhile, let path = path(key), !File.exists(path) else { return }
    do {
      try Folder.make(folder)
      // After a power loss the checksum tells, and the features are computed again.
      try AtomicFile.write(value.encoded, to: path, durably: false)
    } catch {
      monitor.withLock { $0.isEnabled = false }
    }
  }

  /// Removes the folder and its files.
  func remove() {
    guard let names = try? Folder.names(in: folder, withHidden: true) else { return }
    for name in names where name.hasSuffix(Self.ending) || name.hasSuffix(".part") {
      unlink("\(folder)/\(name)")
    }
    rmdir(folder)
    // The folder of all shards' features, if this was the last one.
    if let slash = folder.lastIndex(of: "/") { rmdir(String(folder[..<slash])) }
  }

  private static let ending = ".features"

  /// Named by everything the features depend on, so that a changed image has another file.
  private func path(_ key: Key) -> String? {
    // Other views are few, small, and rarely needed again.
    guard key.view == .upright else { return nil }
    guard let status = FileStatus(images.file(key.image)) else { return nil }
    let text =
      "\(identity)\n\(images.names[key.image])\n\(status.byteCount) \(status.modified.tv_sec) "
      + "\(status.modified.tv_nsec)"
    return "\(folder)/\(SHA256.hexadecimal(of: text.utf8))\(Self.ending)"
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
