import Dispatch
import Files
import LeastSquares
import PairStore
import Pipeline
import Tensor

/// Runs a plan: workers take pairs in order, match them on cached features and append them to the store at once, so
/// that an interruption loses only the pairs in progress.
package struct BatchRun: Sendable {
  private let plan: BatchPlan
  private let resources: BatchResources

  /// Seconds between flushes to disk.
  private static let synchronizationInterval = 30.0

  /// Bytes the process needs once the first picture is decoded (codec libraries, buffers). Measured with
  /// Benchmarks/batch.py, on the generous side.
  private static let laterBytes = 70_000_000
  /// Bytes a worker needs to decode a picture, for robust estimation, and for memory not returned to the system.
  private static let decodingBytes = 20_000_000

  /// Bytes of the levels of a 12-megapixel photo.
  private static let pixelBytes = 20_000_000

  package init(_ plan: BatchPlan, _ resources: BatchResources) {
    self.plan = plan
    self.resources = resources
  }

  /// Matches the shard's pairs that the store does not hold yet. `isCancelled` is polled between pairs; `progress` is
  /// called after every pair, from any thread, one call at a time. Throws `BatchError`, `PairStoreError`.
  package func callAsFunction(
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (BatchProgress) -> Void = { _ in }
  ) throws -> BatchSummary {
    let start = ContinuousClock.now
    do { try Folder.make(resources.output) } catch {
      throw BatchError.outputUnusable(path: resources.output, reason: error.reason)
    }
    let path = Path.joined(resources.output, plan.shard.fileName)
    let writer = try PairStoreWriter(path: path, header: plan.header)
    let (stored, torn) = (writer.stored, writer.tornByteCount)
    let all = plan.pairs[plan.shard.range(of: plan.pairs.count)]
    let open = all.filter { pair in
      let hasFailed = stored["\(plan.images.names[pair.first])\t\(plan.images.names[pair.second])"]
      return hasFailed == nil || hasFailed == true && resources.retriesFailed
    }
    let ledger = Ledger(
      writer: writer,
      progress: BatchProgress(done: all.count - open.count, total: all.count, matchedNow: 0, failedNow: 0))

    let memory = try memoryPlan()
    let files = FeatureFiles(
      folder: Path.joined(resources.output, "features/\(plan.shard.index)-of-\(plan.shard.count)"),
      images: plan.images, identity: "\(plan.model.file.sha256) \(plan.maxSize) \(plan.masks?.path ?? "")")
    let schedule = UseSchedule(open, imageCount: plan.images.names.count)
    let processLimit = (bytes: resources.memory, resident: { @Sendable in Machine.residentBytes })
    let pixelBytes = plan.precision == .network ? 0 : memory.featureBytes / 4
    let cache = FeatureCache<PhotoView, CachedPhoto>(
      budget: resources.keepsFeatures ? memory.featureBytes - pixelBytes : 0, processLimit: processLimit,
      schedule: schedule,
      spill: resources.keepsFeatures ? files : nil, byteCount: \.byteCount)
    let pixels = FeatureCache<PixelView, PixelPyramid>(
      budget: resources.keepsFeatures ? pixelBytes : 0, processLimit: processLimit, schedule: schedule,
      spill: nil, byteCount: \.byteCount)
    let matcher = BatchMatcher(
      plan: plan,
      matcher: PhotoMatcher(
        matcher: plan.model.matcher, maxSize: plan.maxSize, options: plan.matching, search: plan.search,
        precision: plan.precision, compute: Compute(threads: memory.threadsPerWorker)),
      cache: cache, pixels: pixels)

    let synchronization = SynchronizationClock(interval: Self.synchronizationInterval)
    DispatchQueue.concurrentPerform(iterations: memory.workers) { _ in
      while !isCancelled() && !ledger.hasFailed {
        let position = cache.beginNext()
        guard position < open.count else { return }
        let pair = matcher(open[position], at: position)
        ledger.append(pair, synchronize: synchronization.isDue(), progress)
      }
    }
    let result = try ledger.finish()
    if result.progress.done == result.progress.total { files.remove() }
    let statistics = cache.statistics
    return BatchSummary(
      progress: result.progress, isInterrupted: result.progress.done < result.progress.total,
      badImages: result.badImages, firstFailure: result.firstFailure,
      seconds: (ContinuousClock.now - start) / .seconds(1), workers: memory.workers,
      featureUses: (statistics.hits, statistics.made, statistics.read), tornByteCount: torn, store: path)
  }

  private func memoryPlan() throws(BatchError) -> MemoryPlan {
    // The photos' shapes are unknown: a square is the worst case. Full-size photos are taken to have 12 megapixels.
    let side = plan.maxSize > 0 ? plan.maxSize : 3500
    let estimate = PhotoMatcher.memory(of: plan.model.matcher, width: side, height: side)
    return try MemoryPlan(
      budget: resources.memory, fixed: Machine.residentBytes + Self.laterBytes,
      pair: estimate.pair + Self.decodingBytes + (plan.precision == .network ? 0 : 2 * Self.pixelBytes),
      features: estimate.features, threads: resources.threads)
  }
}

/// The store and counts, shared by all workers.
private final class Ledger: Sendable {
  struct Result {
    var progress: BatchProgress
    var badImages: [String: String] = [:]
    var firstFailure: String?
  }

  private final class Contents {
    var writer: PairStoreWriter
    var result: Result
    var error: PairStoreError?

    init(writer: consuming PairStoreWriter, result: Result) {
      self.writer = writer
      self.result = result
    }
  }

  private let monitor: Monitor<Contents>

  init(writer: consuming PairStoreWriter, progress: BatchProgress) {
    monitor = Monitor(Contents(writer: writer, result: Result(progress: progress)))
  }

  /// Whether writing to the store failed.
  var hasFailed: Bool { monitor.withLock { $0.error != nil } }

  func append(_ pair: StoredPair, synchronize: Bool, _ progress: (BatchProgress) -> Void) {
    monitor.withLock { contents in
      guard contents.error == nil else { return }
      do throws(PairStoreError) {
        try contents.writer.append(pair)
        if synchronize { try contents.writer.synchronize() }
      } catch {
        contents.error = error
        return
      }
      contents.result.progress.done += 1
      contents.result.progress.matchedNow += 1
      if case .failed(let part, let reason) = pair.outcome {
        contents.result.progress.failedNow += 1
        if contents.result.firstFailure == nil { contents.result.firstFailure = reason }
        switch part {
        case .image0: contents.result.badImages[pair.name0] = reason
        case .image1: contents.result.badImages[pair.name1] = reason
        case .pair: break
        }
      }
      progress(contents.result.progress)
    }
  }

  func finish() throws -> Result {
    try monitor.withLock { contents in
      if let error = contents.error { throw error }
      try contents.writer.synchronize()
      return contents.result
    }
  }
}

/// Says when the next flush to disk is due.
private final class SynchronizationClock: Sendable {
  private let interval: Double
  private let last = Monitor(ContinuousClock.now)

  init(interval: Double) { self.interval = interval }

  func isDue() -> Bool {
    last.withLock { last in
      guard (ContinuousClock.now - last) / .seconds(1) > interval else { return false }
      last = .now
      return true
    }
  }
}
