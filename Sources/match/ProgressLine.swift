// One line on standard error that says how far an evaluation is; only where that is a terminal.

import Evaluation
import Files

/// Rewrites its line at most ten times a second.
struct ProgressLine {
  private let line = StatusLine(interval: .milliseconds(100))

  func show(_ progress: EvaluationProgress) {
    line.show(isUrgent: progress.isEstimating) { seconds in
      var text = "\(progress.matcher): \(progress.done) of \(progress.total) pairs"
      if progress.isEstimating { text += ", estimating" }
      // Pairs that were kept from before take no time and say nothing of those to come.
      if !progress.isEstimating && progress.matched > 0 && seconds > 0 {
        let rate = Double(progress.matched) / seconds
        let left = Int((Double(progress.total - progress.done) / rate).rounded())
        let filled = (left % 60 < 10 ? "0" : "") + "\(left % 60)"
        text += ", \(rate.text(decimals: 1)) pairs/s, at most \(left / 60):\(filled) left"
      }
      return text
    }
  }

  /// Leaves an empty line for what comes next.
  func clear() { line.clear() }
}
