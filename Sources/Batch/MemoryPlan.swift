// How a budget of memory is spent: what the process takes in any case, what pairs take while they are matched, and the
// rest for features. Fewer pairs are matched at a time where memory is short.

import Pipeline

/// The division of a budget.
struct MemoryPlan: Equatable, Sendable {
  /// Pairs matched at a time.
  let workers: Int
  /// Threads of each.
  let threadsPerWorker: Int
  /// Bytes for features.
  let featureBytes: Int

  /// - Parameters:
  ///   - budget: bytes that the process may take.
  ///   - fixed: bytes that it takes before the first pair.
  ///   - pair: bytes that a pair takes at its peak, its features left out.
  ///   - features: bytes of one image's features.
  ///   - threads: most threads.
  /// - Throws: `BatchError.budgetTooSmall` where not even one pair fits.
  init(budget: Int, fixed: Int, pair: Int, features: Int, threads: Int) throws(BatchError) {
    // Each worker holds two images; one more may be on its way to disk.
    let each = pair + 3 * features
    let free = budget - fixed
    guard free >= each else {
      throw .budgetTooSmall(megabytes: budget / 1_000_000, neededMegabytes: (fixed + each) / 1_000_000 + 1)
    }
    workers = max(1, min(threads, free / each))
    threadsPerWorker = max(1, threads / workers)
    featureBytes = free - workers * (pair + features)
  }
}
