// match batch: matches many pairs of a folder's photos and keeps the results in a store that survives any end.

import ArgumentParser
import Batch
import Geometry
import Matching
import PairStore
import Pipeline
import Tensor

/// Matches many pairs.
struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Matches many pairs of a folder's photos.",
    discussion: """
      match batch photos/ -o out/                     every photo with every other
      match batch photos/ -o out/ --sequential 5      every photo with the 5 that follow it
      match batch photos/ -o out/ --overlap-search 20 every photo with the 20 that look most alike
      match batch photos/ -o out/ --pairs pairs.txt   the pairs of a list: two names a line

      Each photo goes through the backbone once, as far as --memory and the disk hold. The results are in out/*.pairs \
      pair by pair (docs/formats.md): after Ctrl-C, kill -9 or a full disk the same command goes on where it stopped. \
      --shard 3/8 matches the third of eight parts; put the parts' folders together when all are done.
      """)

  @OptionGroup var options: BatchOptions

  func run() throws {
    let start = ContinuousClock.now
    let threads = Compute(threads: options.threads).threads
    let model =
      try options.weights.map { try ModelCatalog.model(at: $0) }
      ?? ModelCatalog.model(named: options.model ?? ModelCatalog.defaultName)
    let images = try ImageFolder(path: options.folder)
    let matching = MatchingOptions(threshold: options.threshold, maximumMatches: options.maxMatches)
    let pairs = try options.pairs(images, model: model, threads: threads)
    let plan = BatchPlan(
      images: images, pairs: pairs, selection: options.selection, shard: options.shard ?? .whole,
      model: model,
      maxSize: options.maxSize, matching: matching, search: options.views.search(usual: .none),
      geometry: BatchGeometry(
        kind: options.geometry.kind,
        options: RobustOptions(estimator: options.estimator, seed: options.seed, refine: options.refine),
        threshold: options.inlierThreshold),
      masks: try options.masks.map { try MaskFolder(path: $0) }, version: programVersion)
    let resources = BatchResources(
      output: options.output, memory: options.memory.bytes, threads: threads,
      retriesFailed: options.retryFailed)

    let stop = StopSignal()
    let line = SharedProgressLine(isShown: !options.quiet)
    let summary: BatchSummary
    do {
      summary = try withExtendedLifetime(stop) {
        let request = stop.request
        return try BatchRun(plan, resources)(isCancelled: { request.isMade }, progress: { line.show($0) })
      }
    } catch {
      line.clear()
      throw error
    }
    line.clear()
    if summary.isInterrupted { throw BatchInterrupted(summary: summary) }
    let progress = summary.progress
    if progress.total > 0 && progress.failedNow == progress.total {
      throw BatchError.allFailed(pairs: progress.total, reason: summary.firstFailure ?? "")
    }
    if !options.quiet {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let report = BatchReport(plan: plan, summary: summary, seconds: seconds, isVerbose: options.verbose)
      try StandardStream.output.writeAll(Array(report.text.utf8))
    }
  }
}

/// Ctrl-C ended the batch; nothing is lost.
struct BatchInterrupted: Error, CustomStringConvertible {
  let summary: BatchSummary

  var description: String {
    let progress = summary.progress
    return
      "interrupted: \(progress.done) of \(progress.total) pairs are in \(summary.store); the same command goes on"
  }
}
