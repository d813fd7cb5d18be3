import Batch
import Evaluation
import Files
import Synchronization

/// A status line on standard error that is rewritten at most once per interval, only on a terminal. Thread-safe.
final class StatusLine: Sendable {
  private let isShown: Bool
  private let interval: Duration
  private let start = ContinuousClock.now
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  init(isShown: Bool = true, interval: Duration) {
    self.isShown = isShown && StandardStream.error.isTerminal
    self.interval = interval
  }

  /// Writes the text for the seconds since creation, if the interval has passed or `isUrgent`.
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

  /// Clears the line for what comes next.
  func clear() {
    if isShown && last.withLock({ $0 != nil }) { StandardStream.error.write("\r\u{1B}[K") }
  }
}

extension EvaluationProgress {
  func text(after seconds: Double) -> String {
    let text = "\(matcher): \(done) of \(total) pairs"
    if isEstimating { return text + ", estimating" }
    // Cached pairs take no time and say nothing about those to come.
    guard matched > 0 && seconds > 0 else { return text }
    let rate = Double(matched) / seconds
    let left = duration(Double(total - done) / rate)
    return text + ", \(rate.text(decimals: 1)) pairs/s, at most \(left) left"
  }
}

extension BatchProgress {
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
