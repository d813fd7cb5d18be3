// What the terminal shows of a batch: while it runs, and at its end.

import Batch
import Files

/// A line on standard error that says how far a batch is; only where that is a terminal.
struct SharedProgressLine: Sendable {
  private let line: StatusLine
  private let title: String

  init(isShown: Bool, title: String = "") {
    line = StatusLine(isShown: isShown, interval: .milliseconds(200))
    self.title = title
  }

  func show(_ progress: BatchProgress) {
    line.show { seconds in
      let rate = Double(progress.matchedNow) / max(seconds, 1e-3)
      let left = Int((Double(progress.total - progress.done) / max(rate, 1e-9)).rounded())
      let speed = rate.text(decimals: 1)
      var text = "\(progress.done) of \(progress.total) pairs, \(speed) pairs/s, \(duration(left)) left"
      if progress.failedNow > 0 { text += ", \(progress.failedNow) failed" }
      return title + text
    }
  }

  /// Leaves an empty line for what comes next.
  func clear() { line.clear() }
}

/// Seconds as h:mm:ss or m:ss.
func duration(_ seconds: Int) -> String {
  let filled = { (value: Int) in (value < 10 ? "0" : "") + "\(value)" }
  let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
  return (hours > 0 ? "\(hours):\(filled(minutes))" : "\(minutes)") + ":\(filled(seconds % 60))"
}

/// The last words of a batch.
struct BatchReport {
  let plan: BatchPlan
  let summary: BatchSummary
  let seconds: Double
  let isVerbose: Bool

  var text: String { alignedRows(rows) }

  private var rows: [(String, String)] {
    let progress = summary.progress
    var rows = [("images", "\(plan.images.names.count) in \(plan.images.path)")]
    var pairs = "\(progress.done) of \(progress.total) stored"
    if plan.shard.count > 1 { pairs += " (shard \(plan.shard.index) of \(plan.shard.count))" }
    if progress.matchedNow < progress.total { pairs += ", \(progress.matchedNow) of them now" }
    if progress.failedNow > 0 { pairs += ", \(progress.failedNow) failed" }
    rows.append(("pairs", pairs))
    for (name, reason) in summary.badImages.sorted(by: { $0.key < $1.key }).prefix(5) {
      rows.append(("failed", "\(name): \(reason)"))
    }
    if summary.badImages.count > 5 {
      rows.append(("failed", "and \(summary.badImages.count - 5) more images"))
    }
    if summary.tornByteCount > 0 {
      rows.append(("cut off", "\(summary.tornByteCount) bytes of a pair that was not finished"))
    }
    let rate = Double(progress.matchedNow) / max(summary.seconds, 1e-9)
    rows.append(("time", "\(duration(Int(seconds.rounded()))), \(rate.text(decimals: 2)) pairs/s"))
    if isVerbose {
      let uses = summary.featureUses
      rows.append(("features", "\(uses.made) made, \(uses.kept) from memory, \(uses.read) from disk"))
      rows.append(("at a time", "\(summary.workers) pairs"))
    }
    rows.append(("wrote", summary.store))
    return rows
  }
}
