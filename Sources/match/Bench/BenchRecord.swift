// The JSON of `match bench`: what was measured, on what, and every time. Described in docs/performance.md.

import PhotoMatching

/// A measurement with all that is needed to repeat it.
struct BenchRecord: Codable, Equatable {
  /// The kind and version of this record.
  private(set) var format = "match-bench/1"
  /// The version of the program.
  let version: String
  /// The processor's name.
  let machine: String
  /// Threads used.
  let threads: Int
  /// The model.
  let model: ModelRecord
  /// The pictures and the sizes at which the network saw them.
  let images: [ImageRecord]
  /// Repeats after the warm-up.
  let repeats: Int
  /// Reading the model, once, wall-clock seconds.
  let modelSeconds: Double
  /// The stages of one pair in the order in which they ran.
  let stages: [StageSamples]
  /// A pair from the files' bytes to its geometry.
  let total: StageSamples
  /// Matches found in the pair.
  let matches: Int
  /// Largest resident size of the process, bytes.
  let peakBytes: Int
}

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
