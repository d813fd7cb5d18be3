// How finely the matches of many pairs are merged into keypoints. Lengths are in pixels of the network's input, as that
// sets the precision of a match; an image of twice the size has cells of twice the size.

package struct MergeSettings: Equatable, Sendable {
  /// Side of the cells in which votes are counted, in network pixels.
  package var cellSize: Double
  /// Largest distance of a match from its keypoint, and smallest distance between keypoints, in network pixels.
  package var maximumError: Double
  /// Limit per image, longest tracks first; nil for none.
  package var maximumKeypoints: Int?

  package init(cellSize: Double, maximumError: Double, maximumKeypoints: Int? = nil) {
    precondition(cellSize > 0 && maximumError > 0, "cells and errors have a positive size")
    precondition(maximumKeypoints.map { $0 > 0 } ?? true, "an image keeps at least one keypoint")
    self.cellSize = cellSize
    self.maximumError = maximumError
    self.maximumKeypoints = maximumKeypoints
  }
}

package enum MergePreset: String, CaseIterable, Sendable {
  /// Moves points least: most accurate, at most 16384 keypoints per image. For a few hundred images.
  case precise
  /// Longer tracks, at most 8192 keypoints per image.
  case balanced
  /// Fewest keypoints, at most 4096 per image, for thousands of images; costs accuracy.
  case large

  package var settings: MergeSettings {
    switch self {
    case .precise: MergeSettings(cellSize: 0.5, maximumError: 0.5, maximumKeypoints: 16384)
    case .balanced: MergeSettings(cellSize: 1, maximumError: 1, maximumKeypoints: 8192)
    case .large: MergeSettings(cellSize: 1.5, maximumError: 1.5, maximumKeypoints: 4096)
    }
  }
}
