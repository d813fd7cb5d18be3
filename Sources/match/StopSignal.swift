import Dispatch
import Glibc
import Synchronization

/// Whether the user asked the work to stop.
final class StopRequest: Sendable {
  private let count = Atomic<Int>(0)

  var isMade: Bool { count.load(ordering: .relaxed) > 0 }

  /// Returns whether this was not the first request.
  fileprivate func make() -> Bool { count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 }
}

/// While it lives, the first SIGINT or SIGTERM asks the work to stop between two pairs; a second one ends the process.
final class StopSignal {
  let request: StopRequest
  private let sources: [any DispatchSourceSignal]

  init() {
    let request = StopRequest()
    self.request = request
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { if request.make() { _exit(128 + number) } }
      source.activate()
      return source
    }
  }
}
