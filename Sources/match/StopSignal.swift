// Ctrl-C and termination as a wish that is granted between two pieces of work; a second one ends the process at once.

import Dispatch
import Glibc
import Synchronization

/// Whether the user asked for the end.
final class StopRequest: Sendable {
  private let count = Atomic<Int>(0)

  /// Whether the work is to end.
  var isMade: Bool { count.load(ordering: .relaxed) > 0 }

  /// Asks; returns whether that had been done before.
  fileprivate func make() -> Bool { count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 }
}

/// Listens to SIGINT and SIGTERM as long as it lives.
final class StopSignal {
  /// What it has heard.
  let request: StopRequest
  private let sources: [any DispatchSourceSignal]

  init() {
    let request = StopRequest()
    self.request = request
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler {
        if request.make() { _exit(128 + number) }
      }
      source.activate()
      return source
    }
  }
}
