import Batch
import Files

/// What the terminal shows at the end of a batch.
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
      rows.append(("cut off", "\(summary.tornByteCount) bytes of an unfinished pair"))
    }
    let rate = Double(progress.matchedNow) / max(summary.seconds, 1e-9)
    rows.append(("time", "\(duration(seconds)), \(rate.text(decimals: 2)) pairs/s"))
    if isVerbose {
      let uses = summary.featureUses
      rows.append(("features", "\(uses.made) made, \(uses.kept) from memory, \(uses.read) from disk"))
      rows.append(("at a time", "\(summary.workers) pairs"))
    }
    rows.append(("wrote", summary.store))
    return rows
  }
}
