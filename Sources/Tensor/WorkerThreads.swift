// The threads behind the parallel loop. They belong to the `Compute` that was made first and its copies, start with its
// first loop and end with it. Why not Dispatch: a network runs hundreds of loops a pair, many of them shorter than the
// waking of a thread; these threads stay awake between them (see CKPool.h).

import CKernels
import Synchronization

/// Threads that help the caller of a loop.
final class WorkerThreads: Sendable {
  private let count: Int
  /// Pools that no loop is running in: one, unless loops were run from several threads at once.
  private let idle = Mutex<[Pool]>([])

  /// - Parameter count: threads beside the caller's.
  init(count: Int) { self.count = count }

  deinit {
    idle.withLock { idle in
      for pool in idle { ck_pool_free(pool.handle) }
    }
  }

  /// Calls `body` on the calling thread, and at the same time on workers that have nothing else to do.
  func run(_ body: () -> Void) {
    let kept = idle.withLock { $0.popLast() }
    guard let pool = kept ?? ck_pool_make(count).map(Pool.init) else {
      // No memory for threads: the caller's own will do.
      body()
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        ck_pool_run(
          pool.handle, { $0?.assumingMemoryBound(to: (() -> Void).self).pointee() },
          UnsafeMutableRawPointer(mutating: body))
      }
    }
    idle.withLock { $0.append(pool) }
  }
}

/// A pool of CKernels, which may be used from any thread, one at a time.
private struct Pool: @unchecked Sendable {
  let handle: OpaquePointer
}
