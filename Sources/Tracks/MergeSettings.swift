// How finely matches of many pairs are merged into keypoints. Lengths are pixels as the network saw the image, because
// that is what the precision of a match goes with; an image of twice the size has cells of twice the size.

/// How matches of many pairs are merged into keypoints.
package struct MergeSettings: Equatable, Sendable {
  /// Side of the cells in which votes are counted, network pixels.
  package var cellSize: Double
  /// Largest distance of a match from the keypoint that stands for it, network pixels. Keypoints are at least so far
  /// apart where they are found.
  package var maximumError: Double
  /// Most keypoints of an image, those of the longest tracks; nil: all.
  package var maximumKeypoints: Int?

  /// Settings from their values; lengths must be positive.
  package init(cellSize: Double, maximumError: Double, maximumKeypoints: Int? = nil) {
    precondition(cellSize > 0 && maximumError > 0, "cells and errors have a positive size")
    precondition(maximumKeypoints.map { $0 > 0 } ?? true, "an image keeps at least one keypoint")
    self.cellSize = cellSize
    self.maximumError = maximumError
    self.maximumKeypoints = maximumKeypoints
  }
}

/// Settings by name.
package enum MergePreset: String, CaseIterable, Sendable {
  /// Moves points least: most accurate, at most 16384 keypoints an image. For some hundred images.
  case precise
  /// Longer tracks, at most 8192 keypoints an image.
  case balanced
  /// Fewest keypoints, at most 4096 an image, for thousands of images; costs accuracy.
  case large

  /// The settings of that name.
  package var settings: MergeSettings {
    switch self {
    case .precise: MergeSettings(cellSize: 0.5, maximumError: 0.5, maximumKeypoints: 16384)
    case .balanced: MergeSettings(cellSize: 1, maximumError: 1, maximumKeypoints: 8192)
    case .large: MergeSettings(cellSize: 1.5, maximumError: 1.5, maximumKeypoints: 4096)
    }
  }
}
