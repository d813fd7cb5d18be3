// The cache of features: within its budget, the image needed last goes first, every value is made once.

import Dispatch
import Synchronization
import Testing

@testable import Batch

/// Keeps what it is given, as a disk would.
private final class MemorySpill: FeatureSpill {
  typealias Key = FeatureKey<Int>
  typealias Value = String

  let kept = Mutex<[Key: String]>([:])

  func value(_ key: Key) -> String? { kept.withLock { $0[key] } }
  func keep(_ value: String, _ key: Key, makingSeconds: Double) { kept.withLock { $0[key] = value } }
}

@Suite struct FeatureCacheTests {
  private struct Broken: Error, Equatable {}

  private func key(_ image: Int) -> FeatureKey<Int> { FeatureKey(image: image, view: 0) }

  private func cache(
    budget: Int, _ pairs: [ImagePair], spill: MemorySpill? = nil
  ) -> FeatureCache<Int, String> {
    FeatureCache(budget: budget, schedule: UseSchedule(pairs, imageCount: 50), spill: spill) { _ in 10 }
  }

  /// Matches all pairs as a worker does; returns the images in the order in which they were made.
  private func run(_ cache: FeatureCache<Int, String>, _ pairs: [ImagePair]) throws -> [Int] {
    var made: [Int] = []
    for pair in pairs {
      let position = cache.beginNext()
      for image in [pair.first, pair.second] {
        let value = try cache.acquire(key(image)) {
          made.append(image)
          return "\(image)"
        }
        #expect(value == "\(image)")
      }
      for image in [pair.first, pair.second] { cache.release(key(image)) }
      cache.end(position, images: [pair.first, pair.second])
    }
    return made
  }

  @Test func theImageNeededLastGoes() throws {
    // Room for three. When 3 comes, 2 is needed next and 1 last.
    let pairs = [ImagePair(0, 1), ImagePair(0, 2), ImagePair(0, 3), ImagePair(0, 2), ImagePair(0, 1)]
    let cache = cache(budget: 30, pairs)
    #expect(try run(cache, pairs) == [0, 1, 2, 3, 1])
    #expect(cache.statistics.hits == 5)
    #expect(cache.statistics.peakBytes == 30)
  }

  @Test func whatNoPairNeedsGoesAtOnce() throws {
    let pairs = [ImagePair(0, 1), ImagePair(2, 3), ImagePair(4, 5)]
    let cache = cache(budget: 1000, pairs)
    #expect(try run(cache, pairs) == [0, 1, 2, 3, 4, 5])
    #expect(cache.statistics.peakBytes == 20)
  }

  @Test func spilledValuesAreNotMadeAgain() throws {
    let pairs = PairList.exhaustive(count: 8)
    let spill = MemorySpill()
    let cache = cache(budget: 30, pairs, spill: spill)
    #expect(try run(cache, pairs).sorted() == Array(0..<8))
    #expect(cache.statistics.read > 0)
    #expect(cache.statistics.peakBytes <= 30)
    #expect(cache.statistics.hits + cache.statistics.made + cache.statistics.read == 2 * pairs.count)
  }

  @Test func failuresAreRememberedAndFreeTheirPlace() throws {
    let pairs = [ImagePair(0, 1), ImagePair(0, 2)]
    let cache = cache(budget: 30, pairs)
    let tries = Mutex(0)
    for _ in 0..<3 {
      #expect(throws: Broken.self) {
        _ = try cache.acquire(key(0)) {
          tries.withLock { $0 += 1 }
          throw Broken()
        }
      }
    }
    #expect(tries.withLock { $0 } == 1)
    #expect(try cache.acquire(key(1)) { "1" } == "1")
  }

  @Test func threadsMakeEveryValueOnce() {
    let pairs = PairList.ordered(PairList.exhaustive(count: 50))
    let cache = cache(budget: 10_000, pairs)
    let made = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      while true {
        let position = cache.beginNext()
        guard position < pairs.count else { return }
        let images = [pairs[position].first, pairs[position].second]
        for image in images {
          let value = try? cache.acquire(key(image)) {
            made.withLock { $0.append(image) }
            return "\(image)"
          }
          #expect(value == "\(image)")
        }
        for image in images { cache.release(key(image)) }
        cache.end(position, images: images)
      }
    }
    #expect(made.withLock { $0 }.sorted() == Array(0..<50))
  }

  @Test(arguments: [20, 60, 120]) func threadsStayNearTheBudget(budget: Int) {
    let pairs = PairList.ordered(PairList.exhaustive(count: 50))
    let cache = cache(budget: budget, pairs)
    let workers = 4
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let position = cache.beginNext()
        guard position < pairs.count else { return }
        let images = [pairs[position].first, pairs[position].second]
        for image in images { _ = try? cache.acquire(key(image)) { "\(image)" } }
        for image in images { cache.release(key(image)) }
        cache.end(position, images: images)
      }
    }
    // Values in use cannot go: two for each worker.
    #expect(cache.statistics.peakBytes <= max(budget, 10 * 2 * workers))
  }

  @Test func memoryPlans() throws {
    let plan = try MemoryPlan(budget: 1000, fixed: 200, pair: 100, features: 20, threads: 4)
    #expect(plan == (try MemoryPlan(budget: 1000, fixed: 200, pair: 100, features: 20, threads: 4)))
    #expect((plan.workers, plan.threadsPerWorker, plan.featureBytes) == (4, 1, 320))
    let tight = try MemoryPlan(budget: 400, fixed: 200, pair: 100, features: 20, threads: 4)
    #expect((tight.workers, tight.threadsPerWorker, tight.featureBytes) == (1, 4, 80))
    #expect(throws: BatchError.self) {
      try MemoryPlan(budget: 300, fixed: 200, pair: 100, features: 20, threads: 4)
    }
  }
}
