// Wall-clock times of the stages of a run.

import Tensor

/// The time that one stage took.
package struct StageTime: Sendable, Equatable {
  package let stage: String
  /// Wall-clock seconds.
  package let seconds: Double
  /// Multiply-adds of the stage's layers where `Compute` counts them, else 0.
  package let multiplyAdds: Int

  package init(stage: String, seconds: Double, multiplyAdds: Int = 0) {
    self.stage = stage
    self.seconds = seconds
    self.multiplyAdds = multiplyAdds
  }
}

/// Collects the times of stages.
package struct StageTimer: Sendable {
  /// In the order in which they ran.
  package var stages: [StageTime]
  private let start = ContinuousClock.now

  /// A timer that starts now, after stages that are known already.
  package init(_ stages: [StageTime] = []) { self.stages = stages }

  /// Seconds since the timer was made.
  package var total: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Runs `work` and appends its time; with `compute`, also the multiply-adds that its layers counted there.
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
