// Where and how wide the network runs: the number of threads, and the one parallel loop.
//
// All parallelism is here, at one level: OpenBLAS is only given work that it does on the calling thread. The pieces of
// a loop depend on the work alone, never on the number of threads, so results are the same bits on any number of
// threads.

import CKernels
import Synchronization

package struct Compute: Sendable {
  package let threads: Int
  private let counter: OperationCounter?
  private let workers: WorkerThreads

  /// Without `threads`, one per processor that the process may use.
  package init(threads: Int? = nil, counter: OperationCounter? = nil) {
    self.counter = counter
    self.threads = max(1, threads ?? ck_processor_count())
    workers = WorkerThreads(count: self.threads - 1)
  }

  /// Multiply-adds counted so far; 0 without a counter.
  package var multiplyAdds: Int { counter?.multiplyAdds ?? 0 }

  /// Layers report the multiply-adds of what they are about to compute (see `OperationCounter`).
  package func count(multiplyAdds: Int) { counter?.add(multiplyAdds) }

  /// Calls `body` for each piece of `0..<count`, `grain` items long (the last may be shorter), on up to `threads`
  /// threads. Pieces run in any order and must write disjoint memory.
  package func parallelFor(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    precondition(grain > 0, "a parallel loop needs a positive grain")
    let pieces = (count + grain - 1) / grain
    guard threads > 1, pieces > 1 else {
      for start in stride(from: 0, to: count, by: grain) { body(start..<min(count, start + grain)) }
      return
    }
    let next = Atomic<Int>(0)
    workers.run {
      while true {
        let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard piece < pieces else { return }
        body(piece * grain..<min(count, (piece + 1) * grain))
      }
    }
  }
}
