// Wall-clock times of the stages of a run.

import Tensor

package struct StageTime: Sendable, Equatable {
  package let stage: String
  /// Wall-clock seconds.
  package let seconds: Double
  /// 0 if `Compute` does not count them.
  package let multiplyAdds: Int

  package init(stage: String, seconds: Double, multiplyAdds: Int = 0) {
    self.stage = stage
    self.seconds = seconds
    self.multiplyAdds = multiplyAdds
  }
}

package struct StageTimer: Sendable {
  package var stages: [StageTime]
  private let start = ContinuousClock.now

  /// Starts now, after stages already known.
  package init(_ stages: [StageTime] = []) { self.stages = stages }

  /// Seconds since the timer was made.
  package var total: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Runs `work` and appends its time and the multiply-adds counted on `compute`.
  package mutating func measure<Result>(
    _ stage: String, on compute: Compute? = nil, _ work: () throws -> Result
  ) rethrows -> Result {
    let (begin, before) = (ContinuousClock.now, compute?.multiplyAdds ?? 0)
    defer {
      stages.append(
        StageTime(
          stage: stage, seconds: (ContinuousClock.now - begin) / .seconds(1),
          multiplyAdds: (compute?.multiplyAdds ?? 0) - before))
    }
    return try work()
  }
}
