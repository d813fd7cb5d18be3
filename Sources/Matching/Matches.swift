// The pipeline's result, and what a caller may ask of it.

import Tensor

/// Correspondences between two images, in pixels of the images that the network saw (the centre of the first
/// pixel is (0, 0)).
package struct Matches: Sendable, Equatable {
  /// Points in the first image.
  package var points0: [SIMD2<Float>] = []
  /// Points in the second image.
  package var points1: [SIMD2<Float>] = []
  /// Probability of each match, in 0...1.
  package var scores: [Float] = []
  /// Coarse cells (row-major over the padded grid) that each match comes from, in the first image.
  package var cells0: [Int] = []
  /// Coarse cells in the second image.
  package var cells1: [Int] = []
  /// What happened on the way.
  package var statistics = MatchingStatistics()

  /// Number of matches.
  package var count: Int { points0.count }
}

/// Counts and times of one run of the pipeline.
package struct MatchingStatistics: Sendable, Equatable {
  /// Valid coarse cells of the two images.
  package var cells: [Int] = []
  /// Matches after coarse matching, before those that refinement moved off the image were dropped.
  package var coarseMatches = 0
  /// Time of each stage, in order.
  package var stages: [StageTime] = []

  /// Nothing has happened yet.
  package init() {}

  /// Runs `work` and appends its time under `name`, and the multiply-adds that its layers counted on `compute`.
  mutating func measure<Result>(
    _ name: String, on compute: Compute, _ work: () throws -> Result
  ) rethrows -> Result {
    let clock = ContinuousClock()
    let (start, before) = (clock.now, compute.multiplyAdds)
    defer {
      stages.append(
        StageTime(
          stage: name, seconds: (clock.now - start) / .seconds(1), multiplyAdds: compute.multiplyAdds - before
        ))
    }
    return try work()
  }
}

/// The time that one stage took.
package struct StageTime: Sendable, Equatable {
  /// Name of the stage.
  package let stage: String
  /// Wall-clock seconds.
  package let seconds: Double
  /// Multiply-adds of the stage's layers where they were counted (see `OperationCounter`), else 0.
  package let multiplyAdds: Int

  /// - Parameters:
  ///   - stage: name of the stage.
  ///   - seconds: wall-clock seconds.
  ///   - multiplyAdds: multiply-adds of the stage's layers where they were counted, else 0.
  package init(stage: String, seconds: Double, multiplyAdds: Int = 0) {
    self.stage = stage
    self.seconds = seconds
    self.multiplyAdds = multiplyAdds
  }
}

/// Choices for one run.
package struct MatchingOptions: Sendable, Equatable {
  /// Least score of a match; nil takes the model's own.
  package var threshold: Float?
  /// Most matches, the ones of highest score; nil for all.
  package var maximumMatches: Int?

  /// - Parameters:
  ///   - threshold: least score of a match; nil takes the model's own.
  ///   - maximumMatches: most matches, those of highest score; nil for all.
  package init(threshold: Float? = nil, maximumMatches: Int? = nil) {
    self.threshold = threshold
    self.maximumMatches = maximumMatches
  }
}
