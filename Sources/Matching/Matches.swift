// The pipeline's result, and what a caller may ask of it.

import Geometry
import Tensor

/// What the network finds in two images.
package struct Matches: Sendable, Equatable {
  /// In pixels of the images that the network saw; scores are probabilities.
  package var correspondences = Correspondences()
  /// Coarse cells (row-major over the padded grid) that each match comes from, in the first image.
  package var cells0: [Int] = []
  /// Coarse cells in the second image.
  package var cells1: [Int] = []
  /// What happened on the way.
  package var statistics = MatchingStatistics()

  package var count: Int { correspondences.count }
}

/// Counts and times of one run of the pipeline.
package struct MatchingStatistics: Sendable, Equatable {
  /// Valid coarse cells of the two images.
  package var cells = Pair(0, 0)
  /// Matches after coarse matching, before those that refinement moved off the image were dropped.
  package var coarseMatches = 0
  /// Time of each stage, in order.
  package var stages: [StageTime] = []

  /// Nothing has happened yet.
  package init() {}

  /// Runs `work` and appends its time under `stage`, and the multiply-adds that its layers counted on `compute`.
  mutating func measure<Result>(
    _ stage: String, on compute: Compute, _ work: () throws -> Result
  ) rethrows -> Result {
    var timer = StageTimer(stages)
    defer { stages = timer.stages }
    return try timer.measure(stage, on: compute, work)
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
