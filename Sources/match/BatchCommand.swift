import ArgumentParser
import Batch
import Files
import Geometry
import Imaging
import Matching
import Models
import PairStore
import PhotoMatching
import Pipeline
import Tensor

/// `match batch`: matches many pairs of a folder's photos into a store that survives interruptions.
struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Matches many pairs of photos in a folder.",
    discussion: """
      match batch photos/ -o out/                     every photo with every other
      match batch photos/ -o out/ --sequential 5      every photo with the 5 that follow it
      match batch photos/ -o out/ --overlap-search 20 every photo with the 20 most similar ones
      match batch photos/ -o out/ --pairs pairs.txt   the pairs in a list: two names per line

      Each photo goes through the backbone once, as far as --memory and the disk allow. Results are appended to \
      out/*.pairs pair by pair (docs/formats.md): after Ctrl-C, kill -9 or a full disk, the same command resumes. \
      --shard 3/8 matches the third of eight parts; merge the parts' folders when all are done.
      """)

  @OptionGroup var options: BatchOptions

  func run() throws {
    let start = ContinuousClock.now
    let threads = Compute(threads: options.threads).threads
    let model = try ModelSource(
      named: options.model, orAt: options.weights, variant: options.variantOption.variant
    ).load()
    let images = try ImageFolder(path: options.folder)
    let masks = try options.masks.map { try MaskFolder(path: $0) }
    var plan = try plan(images, try options.pairs(images), model, masks)
    let resources = BatchResources(
      output: options.output, memory: options.memory.bytes, threads: threads,
      retriesFailed: options.retryFailed, keepsFeatures: !options.noCache)
    let stop = StopSignal()
    if options.overlapSearch != nil {
      let pairs = try withExtendedLifetime(stop) { try overlapping(plan, resources, stop.request) }
      plan = try self.plan(images, pairs, model, masks)
    }
    if let file = options.writePairs { return try write(plan, to: file) }

    let line = StatusLine(isShown: !options.quiet, interval: .milliseconds(200))
    defer { line.clear() }
    let summary = try withExtendedLifetime(stop) {
      let request = stop.request
      return try BatchRun(plan, resources)(
        isCancelled: { request.isMade }, progress: { progress in line.show { progress.text(after: $0) } })
    }
    line.clear()
    let progress = summary.progress
    if summary.isInterrupted {
      throw BatchInterrupted(done: progress.done, total: progress.total, store: summary.store)
    }
    if progress.total > 0 && progress.failedNow == progress.total {
      throw BatchError.allFailed(pairs: progress.total, reason: summary.firstFailure ?? "")
    }
    if !options.quiet {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let report = BatchReport(plan: plan, summary: summary, seconds: seconds, isVerbose: options.verbose)
      try StandardStream.output.writeAll(report.text)
    }
  }

  private func plan(
    _ images: ImageFolder, _ pairs: [ImagePair], _ model: Model, _ masks: MaskFolder?
  ) throws -> BatchPlan {
    BatchPlan(
      images: images, pairs: pairs, selection: options.choices, shard: options.shard ?? .whole,
      model: model, maxSize: options.maxSize,
      matching: MatchingOptions(threshold: options.threshold, maximumMatches: options.maxMatches),
      search: options.views.search(usual: .none), precision: options.precisionOption.precision,
      geometry: BatchGeometry(
        kind: GeometryKind(rawValue: options.geometry.rawValue),
        options: RobustOptions(estimator: options.estimator, seed: options.seed, refine: options.refine),
        threshold: options.inlierThreshold),
      masks: masks, version: programVersion)
  }

  /// The most similar pairs, found now or by an earlier run of this command.
  private func overlapping(
    _ plan: BatchPlan, _ resources: BatchResources, _ request: StopRequest
  ) throws -> [ImagePair] {
    let list = OverlapList(plan: plan, partners: options.overlapSearch ?? 1, folder: options.output)
    if let pairs = list.read() { return pairs }
    let line = StatusLine(isShown: !options.quiet, interval: .milliseconds(200))
    defer { line.clear() }
    let search = OverlapSearch(partners: options.overlapSearch ?? 1, plan: plan, resources: resources)
    let pairs = try search(isCancelled: { request.isMade }) { progress in
      line.show { "overlap search: " + progress.text(after: $0) }
    }
    guard let pairs else { throw BatchInterrupted(done: 0, total: 0, store: options.output) }
    try list.write(pairs)
    return pairs
  }

  private func write(_ plan: BatchPlan, to file: String) throws {
    let names = plan.images.names
    let text = plan.pairs.map { "\(names[$0.first])\t\(names[$0.second])\n" }.joined()
    try AtomicFile.write(text.utf8, to: file)
    if !options.quiet { try StandardStream.output.writeAll("wrote \(plan.pairs.count) pairs to \(file)\n") }
  }
}

/// Ctrl-C ended the batch; finished pairs are kept.
struct BatchInterrupted: ReportedError {
  let done: Int
  let total: Int
  let store: String

  var exitStatus: ExitStatus { .interrupted }

  var description: String {
    total == 0
      ? "interrupted during the overlap search; run the same command to resume"
      : "interrupted: \(done) of \(total) pairs are in \(store); run the same command to resume"
  }
}
