// The threads behind the parallel loop; they belong to a `Compute` and its copies. Not Dispatch: a network runs
// hundreds of loops per pair, many shorter than waking a thread; these threads stay awake in between (see CKPool.h).

import CKernels

/// Threads that help the caller of a loop. Any number of threads may call `run` at once.
final class WorkerThreads: @unchecked Sendable {
  /// Nil if out of memory.
  private let pool: OpaquePointer?

  /// `count` threads besides the caller's.
  init(count: Int) { pool = ck_pool_make(count) }

  deinit {
    if let pool { ck_pool_free(pool) }
  }

  /// Calls `body` on the calling thread and, at the same time, on idle workers.
  func run(_ body: () -> Void) {
    guard let pool else {
      body()
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        ck_pool_run(
          pool, { $0?.assumingMemoryBound(to: (() -> Void).self).pointee() },
          UnsafeMutableRawPointer(mutating: body))
      }
    }
  }
}
