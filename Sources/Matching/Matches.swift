// The network's result for two images, and its options.

import Geometry
import Tensor

package struct Matches: Sendable, Equatable {
  /// In pixels of the network's input images; scores are probabilities.
  package var correspondences = Correspondences()
  /// Coarse cells each match comes from, row-major over the padded grid.
  package var cells0: [Int] = []
  package var cells1: [Int] = []
  package var statistics = MatchingStatistics()

  package var count: Int { correspondences.count }
}

package struct MatchingStatistics: Sendable, Equatable {
  /// Number of valid coarse cells.
  package var cells = Pair(0, 0)
  /// Before matches were dropped because refinement moved them off the image.
  package var coarseMatches = 0
  /// In the order they ran.
  package var stages: [StageTime] = []

  package init() {}

  /// Runs `work` and appends its time and the multiply-adds counted on `compute`.
  mutating func measure<Result>(
    _ stage: String, on compute: Compute, _ work: () throws -> Result
  ) rethrows -> Result {
    var timer = StageTimer(stages)
    defer { stages = timer.stages }
    return try timer.measure(stage, on: compute, work)
  }
}

package struct MatchingOptions: Sendable, Equatable {
  /// Minimum score of a match; nil takes the model's.
  package var threshold: Float?
  /// Keeps that many matches of highest score; nil keeps all.
  package var maximumMatches: Int?

  package init(threshold: Float? = nil, maximumMatches: Int? = nil) {
    self.threshold = threshold
    self.maximumMatches = maximumMatches
  }
}
