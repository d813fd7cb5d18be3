// One line on standard error that is written over and over; only where that is a terminal. For any number of threads.

import Batch
import Evaluation
import Files
import Synchronization

/// Rewrites its line no more often than its interval says.
final class StatusLine: Sendable {
  private let isShown: Bool
  private let interval: Duration
  private let start = ContinuousClock.now
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  init(isShown: Bool = true, interval: Duration) {
    self.isShown = isShown && StandardStream.error.isTerminal
    self.interval = interval
  }

  /// Writes the text for the seconds since the line was made, if it is time to, or at once where it is urgent.
  func show(isUrgent: Bool = false, _ text: (Double) -> String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    let isDue = last.withLock { last in
      guard isUrgent || last.map({ now - $0 > interval }) ?? true else { return false }
      last = now
      return true
    }
    if isDue { StandardStream.error.write("\r\u{1B}[K" + text((now - start) / .seconds(1))) }
  }

  /// Leaves an empty line for what comes next.
  func clear() {
    if isShown && last.withLock({ $0 != nil }) { StandardStream.error.write("\r\u{1B}[K") }
  }
}

extension EvaluationProgress {
  /// How far an evaluation is after so many seconds.
  func text(after seconds: Double) -> String {
    let text = "\(matcher): \(done) of \(total) pairs"
    if isEstimating { return text + ", estimating" }
    // Pairs that were kept from before take no time and say nothing of those to come.
    guard matched > 0 && seconds > 0 else { return text }
    let rate = Double(matched) / seconds
    let left = duration(Double(total - done) / rate)
    return text + ", \(rate.text(decimals: 1)) pairs/s, at most \(left) left"
  }
}

extension BatchProgress {
  /// How far a batch is after so many seconds.
  func text(after seconds: Double) -> String {
    let rate = Double(matchedNow) / max(seconds, 1e-3)
    let left = duration(Double(total - done) / max(rate, 1e-9))
    return "\(done) of \(total) pairs, \(rate.text(decimals: 1)) pairs/s, \(left) left"
      + (failedNow > 0 ? ", \(failedNow) failed" : "")
  }
}

/// Seconds as h:mm:ss or m:ss.
func duration(_ seconds: Double) -> String {
  let seconds = Int(seconds.rounded())
  let filled = { (value: Int) in (value < 10 ? "0" : "") + "\(value)" }
  let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
  return (hours > 0 ? "\(hours):\(filled(minutes))" : "\(minutes)") + ":\(filled(seconds % 60))"
}
