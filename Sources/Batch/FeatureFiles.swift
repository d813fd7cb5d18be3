// Features on disk, where memory does not hold them. Reading must beat making: both are timed, and where the disk is
// the slower way nothing more is written and features are made again. A disk that is full ends the writing too.

import Files
import Glibc
import Pipeline

/// A folder of features of one shard. Files appear whole under their names; damaged ones are as good as none.
final class FeatureFiles: FeatureSpill {
  typealias Key = FeatureKey<PhotoView>
  typealias Value = CachedPhoto

  /// Times of reading and making, as far as known.
  private struct State {
    var written = 0
    var makingSeconds: [Double] = []
    var readingSeconds: [Double] = []
    var isEnabled = true
  }

  /// Files written and read before the disk is judged.
  private static let trials = 4
  /// Share of the time of making that reading may take.
  private static let worthwhileShare = 0.8

  private let folder: String
  private let images: ImageFolder
  private let identity: String
  private let monitor = Monitor(State())

  /// - Parameters:
  ///   - folder: a folder of this shard alone; made when it is needed.
  ///   - images: the images.
  ///   - identity: what features depend on besides the image's file: model, size.
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
      // After a loss of power the checksum tells, and the features are made again.
      try AtomicFile.write(value.encoded, to: path, durably: false)
    } catch {
      monitor.withLock { $0.isEnabled = false }
    }
  }

  /// Removes the folder with all that is in it.
  func remove() {
    guard let names = try? Folder.names(in: folder, withHidden: true) else { return }
    for name in names where name.hasSuffix(Self.ending) || name.hasSuffix(".part") {
      unlink("\(folder)/\(name)")
    }
    rmdir(folder)
    // The folder of all shards' features, where this was the last of them.
    if let slash = folder.lastIndex(of: "/") { rmdir(String(folder[..<slash])) }
  }

  private static let ending = ".features"

  /// The file's name says all that the features depend on; an image that changed has another.
  private func path(_ key: Key) -> String? {
    // Other views are few, small, and wanted again by chance only.
    guard key.view == .upright else { return nil }
    guard let status = FileStatus(images.file(key.image)) else { return nil }
    let text =
      "\(identity)\n\(images.names[key.image])\n\(status.byteCount) \(status.modified.tv_sec) "
      + "\(status.modified.tv_nsec)"
    return "\(folder)/\(SHA256.hexadecimal(of: text.utf8))\(Self.ending)"
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
