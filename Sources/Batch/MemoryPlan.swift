import Pipeline

/// How a memory budget is split: fixed costs, pairs in progress, and the rest for features. With little memory, fewer
/// pairs are matched in parallel.
struct MemoryPlan: Equatable, Sendable {
  /// Pairs matched in parallel.
  let workers: Int
  let threadsPerWorker: Int
  /// Bytes for cached features.
  let featureBytes: Int

  /// All in bytes: `budget` of the process, `fixed` use before the first pair, peak use of a `pair` without features,
  /// and one image's `features`. Throws `BatchError.budgetTooSmall` if not even one pair fits.
  init(budget: Int, fixed: Int, pair: Int, features: Int, threads: Int) throws(BatchError) {
    // Each worker holds two images, and a third may be on its way to disk.
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
