// The times of one stage over the repeats of a measurement.

/// A stage's times, and the arithmetic behind them.
struct StageSamples: Codable, Equatable {
  /// The stage's name.
  let stage: String
  /// Wall-clock seconds of each repeat, in the order in which they ran.
  private(set) var seconds: [Double]
  /// The middle one of the times, or the mean of the two in the middle.
  private(set) var medianSeconds: Double
  /// The shortest time.
  private(set) var minimumSeconds: Double
  /// The longest time.
  private(set) var maximumSeconds: Double
  /// Multiply-adds of the stage's layers in one repeat (see `OperationCounter`); nil where none are counted.
  let multiplyAdds: Int?
  /// Two operations a multiply-add, over the median time, in 10^9 a second; nil where none are counted.
  private(set) var gigaflopsPerSecond: Double?

  /// At least one time is needed.
  init(stage: String, seconds: [Double], multiplyAdds: Int) {
    precondition(!seconds.isEmpty, "a stage without times")
    let sorted = seconds.sorted()
    let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    self.stage = stage
    self.seconds = seconds
    medianSeconds = median
    minimumSeconds = sorted[0]
    maximumSeconds = sorted[sorted.count - 1]
    self.multiplyAdds = multiplyAdds > 0 ? multiplyAdds : nil
    gigaflopsPerSecond = multiplyAdds > 0 && median > 0 ? 2 * Double(multiplyAdds) / median / 1e9 : nil
  }
}
