import Glibc

/// An image under one view.
struct FeatureKey<View: Hashable & Sendable>: Hashable, Sendable {
  /// Index in the folder.
  let image: Int
  let view: View
}

/// Takes values that do not fit in memory.
protocol FeatureSpill<Key, Value>: Sendable {
  associatedtype Key
  associatedtype Value
  /// nil if the value was not kept or is faster to compute than to read.
  func value(_ key: Key) -> Value?
  /// Keeps a value if worthwhile; `makingSeconds` is the time it took to compute.
  func keep(_ value: Value, _ key: Key, makingSeconds: Double)
}

struct FeatureCacheStatistics: Equatable, Sendable {
  /// Values found in memory.
  var hits = 0
  /// Values computed.
  var made = 0
  /// Values read from disk.
  var read = 0
  /// Seconds spent computing values, summed over threads.
  var makingSeconds = 0.0
  /// Largest number of bytes held at once.
  var peakBytes = 0
}

/// Features in memory, within a budget. Values in use are pinned; of the others the one needed last is evicted first,
/// to disk if there is a spill. A failure is remembered, not retried. All methods are thread-safe, and a value that
/// several threads need is computed once.
final class FeatureCache<View: Hashable & Sendable, Value: Sendable>: Sendable {
  typealias Key = FeatureKey<View>

  private enum Content {
    case making
    case ready(Value, bytes: Int, makingSeconds: Double)
    case failed(any Error)
  }

  private struct Entry {
    var content: Content
    var pins: Int
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var bytes = 0
    var active: Set<Int> = []
    var next = 0
    /// Peak memory of the process besides the values, as far as observed.
    var otherBytes = 0
    var statistics = FeatureCacheStatistics()
  }

  private let budget: Int
  private let processLimit: (bytes: Int, resident: @Sendable () -> Int)?
  private let schedule: UseSchedule
  private let spill: (any FeatureSpill<Key, Value>)?
  private let byteCount: @Sendable (Value) -> Int
  private let monitor = Monitor(State())

  /// - Parameters:
  ///   - budget: bytes of all values; values in use may exceed it.
  ///   - processLimit: memory limit and current use of the process: fewer values stay if the rest exceeds the plan.
  ///   - spill: nil recomputes evicted values.
  init(
    budget: Int, processLimit: (bytes: Int, resident: @Sendable () -> Int)? = nil, schedule: UseSchedule,
    spill: (any FeatureSpill<Key, Value>)?, byteCount: @escaping @Sendable (Value) -> Int
  ) {
    self.budget = budget
    self.processLimit = processLimit
    self.schedule = schedule
    self.spill = spill
    self.byteCount = byteCount
  }

  var statistics: FeatureCacheStatistics { monitor.withLock { $0.statistics } }

  /// Begins the next pair of the schedule and returns its position. Atomic with the record of pairs in progress, so
  /// that no image of a pair that begins is dropped as no longer needed.
  func beginNext() -> Int {
    monitor.withLock { state in
      defer { state.next += 1 }
      state.active.insert(state.next)
      return state.next
    }
  }

  /// Follows the positions of another cache.
  func begin(_ position: Int) {
    monitor.withLock { state in
      state.next = max(state.next, position + 1)
      state.active.insert(position)
    }
  }

  /// Ends a pair and drops what no later pair needs.
  func end(_ position: Int, images: [Int]) {
    monitor.withLock { state in
      state.active.remove(position)
      let from = Self.earliest(state)
      let unneeded = Set(images.filter { schedule.nextUse(of: $0, from: from) == nil })
      guard !unneeded.isEmpty else { return }
      for (key, entry) in state.entries where unneeded.contains(key.image) && entry.pins == 0 {
        Self.remove(key, from: &state)
      }
    }
  }

  /// The value, computed if missing and pinned until `release`. Throws what `make` threw, now or earlier.
  func acquire(_ key: Key, make: () throws -> Value) throws -> Value {
    let found: Value? = try monitor.wait { state in
      switch state.entries[key]?.content {
      case .making: return nil
      case .failed(let error): throw error
      case .ready(let value, _, _):
        state.entries[key]?.pins += 1
        state.statistics.hits += 1
        return .some(value)
      case nil:
        state.entries[key] = Entry(content: .making, pins: 1)
        return .some(nil)
      }
    }
    if let found { return found }
    let start = ContinuousClock.now
    let kept = spill?.value(key)
    let made = kept.map { .success($0) } ?? Result { try make() }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let evicted = monitor.withLock { state -> [(Key, Value, Double)] in
      guard case .success(let value) = made else {
        if case .failure(let error) = made { state.entries[key] = Entry(content: .failed(error), pins: 0) }
        return []
      }
      let bytes = byteCount(value)
      state.entries[key]?.content = .ready(value, bytes: bytes, makingSeconds: kept == nil ? seconds : 0)
      state.bytes += bytes
      if kept == nil {
        state.statistics.made += 1
        state.statistics.makingSeconds += seconds
      } else {
        state.statistics.read += 1
      }
      let evicted = evict(&state)
      state.statistics.peakBytes = max(state.statistics.peakBytes, state.bytes)
      return evicted
    }
    for (key, value, seconds) in evicted { spill?.keep(value, key, makingSeconds: seconds) }
    return try made.get()
  }

  /// Unpins a value.
  func release(_ key: Key) {
    let evicted = monitor.withLock { state -> [(Key, Value, Double)] in
      guard let pins = state.entries[key]?.pins, pins > 0 else { return [] }
      state.entries[key]?.pins = pins - 1
      return evict(&state)
    }
    for (key, value, seconds) in evicted { spill?.keep(value, key, makingSeconds: seconds) }
  }

  /// Drops values until the rest fits, and returns those that will be needed again.
  private func evict(_ state: inout State) -> [(Key, Value, Double)] {
    var evicted: [(Key, Value, Double)] = []
    let from = Self.earliest(state)
    var budget = budget
    if let processLimit {
      state.otherBytes = max(state.otherBytes, processLimit.resident() - state.bytes)
      // A tenth is reserved for growth between two checks.
      budget = min(budget, processLimit.bytes / 10 * 9 - state.otherBytes)
    }
    while state.bytes > budget {
      var victim: (key: Key, use: Int)?
      for (key, entry) in state.entries where entry.pins == 0 {
        guard case .ready = entry.content else { continue }
        let use = schedule.nextUse(of: key.image, from: from) ?? Int.max
        if victim.map({ use > $0.use }) ?? true { victim = (key, use) }
      }
      guard let victim else { break }
      if case .ready(let value, _, let seconds) = state.entries[victim.key]?.content, victim.use < Int.max {
        evicted.append((victim.key, value, seconds))
      }
      Self.remove(victim.key, from: &state)
    }
    return evicted
  }

  private static func remove(_ key: Key, from state: inout State) {
    guard case .ready(_, let bytes, _) = state.entries[key]?.content else { return }
    state.bytes -= bytes
    state.entries[key] = nil
  }

  /// All pairs before this position are done.
  private static func earliest(_ state: State) -> Int { state.active.min() ?? state.next }
}
