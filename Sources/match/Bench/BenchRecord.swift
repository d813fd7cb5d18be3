import PhotoMatching

/// The JSON of `match bench`, described in docs/performance.md.
struct BenchRecord: Codable, Equatable {
  private(set) var format = "match-bench/1"
  let version: String
  /// The processor's name.
  let machine: String
  let threads: Int
  let model: ModelRecord
  let images: [ImageRecord]
  let repeats: Int
  /// Wall-clock seconds of reading the model, once.
  let modelSeconds: Double
  let stages: [StageSamples]
  /// From the files' bytes to the geometry.
  let total: StageSamples
  let matches: Int
  /// Peak resident size of the process.
  let peakBytes: Int
}

/// A stage's times, and the arithmetic behind them.
struct StageSamples: Codable, Equatable {
  let stage: String
  /// Wall-clock seconds of each repeat, in order.
  private(set) var seconds: [Double]
  private(set) var medianSeconds: Double
  private(set) var minimumSeconds: Double
  private(set) var maximumSeconds: Double
  /// Multiply-adds of the stage's layers in one repeat (see `OperationCounter`); nil if none are counted.
  let multiplyAdds: Int?
  /// Two operations per multiply-add, over the median time, in 10^9 per second; nil if none are counted.
  private(set) var gigaflopsPerSecond: Double?

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
