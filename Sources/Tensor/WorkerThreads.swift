// The threads behind the parallel loop. They belong to a `Compute` and its copies, start with its first loop and end
// with it. Why not Dispatch: a network runs hundreds of loops a pair, many of them shorter than the waking of a
// thread; these threads stay awake between them (see CKPool.h).

import CKernels

/// Threads that help the caller of a loop. Loops may be run from any thread, also at the same time.
final class WorkerThreads: @unchecked Sendable {
  /// Nil where there was no memory for one.
  private let pool: OpaquePointer?

  /// - Parameter count: threads beside the caller's.
  init(count: Int) { pool = ck_pool_make(count) }

  deinit {
    if let pool { ck_pool_free(pool) }
  }

  /// Calls `body` on the calling thread, and at the same time on workers that have nothing else to do.
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
