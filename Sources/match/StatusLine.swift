// One line on standard error that is written over and over; only where that is a terminal. For any number of threads.

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
