// Where and how wide the network runs: the number of threads, and the one parallel loop.
//
// OpenBLAS is kept single-threaded; all parallelism is here, at one level. The pieces of a loop depend on the
// work alone, never on the number of threads, so results are the same bits on any number of threads.

import COpenBLAS
import Synchronization

/// The execution resources handed to every layer.
package struct Compute: Sendable {
  /// Most threads that a loop uses, at least 1.
  package let threads: Int
  /// Where layers count their multiply-adds, if anywhere.
  private let counter: OperationCounter?
  private let workers: WorkerThreads

  /// - Parameters:
  ///   - threads: most threads to use; nil takes the number of processors of this machine.
  ///   - counter: where layers count their multiply-adds, if anywhere.
  package init(threads: Int? = nil, counter: OperationCounter? = nil) {
    self.counter = counter
    let available = Int(openblas_get_num_procs())
    self.threads = max(1, threads ?? available)
    workers = WorkerThreads(count: self.threads - 1)
    openblas_set_num_threads(1)
  }

  /// Multiply-adds that the layers have counted so far; 0 without a counter.
  package var multiplyAdds: Int { counter?.multiplyAdds ?? 0 }

  /// Layers report here what they are about to compute; see `OperationCounter` for what counts.
  package func count(multiplyAdds: Int) { counter?.add(multiplyAdds) }

  /// Calls `body` once for each piece of `0..<count`, pieces of `grain` items (the last may be shorter), on up
  /// to `threads` threads at once. Pieces run in any order and must write disjoint memory.
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
