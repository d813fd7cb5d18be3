// What is known of one pair of images after matching it. Points are pixels of the images as they are seen, after
// their EXIF orientation; the centre of the first pixel is (0, 0). x1 ~ H x0; x1' F x0 = 0; y1' E y0 = 0.

import Geometry

/// The outcome of one pair.
package struct StoredPair: Equatable, Sendable {
  /// Name of the first image: its path within the folder of the images.
  package var name0: String
  /// Name of the second image.
  package var name1: String
  /// Matches, or why there are none.
  package var outcome: StoredOutcome
  /// Wall-clock time that the pair took, features of images met for the first time included.
  package var seconds: Double

  /// A pair from its parts.
  package init(name0: String, name1: String, outcome: StoredOutcome, seconds: Double) {
    self.name0 = name0
    self.name1 = name1
    self.outcome = outcome
    self.seconds = seconds
  }

  /// The matches; nil where the pair failed.
  package var matches: StoredMatches? { if case .matched(let matches) = outcome { matches } else { nil } }
}

/// How a pair went.
package enum StoredOutcome: Equatable, Sendable {
  /// It was matched; there may be no match at all.
  case matched(StoredMatches)
  /// It could not be matched, and why.
  case failed(FailedPart, reason: String)
}

/// What of a pair failed.
package enum FailedPart: UInt8, Equatable, Sendable {
  /// Neither image alone.
  case pair = 0
  /// The first image could not be used.
  case image0 = 1
  /// The second image could not be used.
  case image1 = 2
}

/// The size of an image, pixels.
package struct StoredSize: Equatable, Hashable, Sendable {
  /// Columns.
  package var width: Int
  /// Rows.
  package var height: Int

  /// A size from its extents.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// The matches of a pair, best score first.
package struct StoredMatches: Equatable, Sendable {
  /// Sizes of the images as they are seen, after their EXIF orientation.
  package var sizes: Pair<StoredSize>
  /// Sizes at which the network saw them.
  package var networkSizes: Pair<StoredSize>
  /// Quarter turns, counter-clockwise, by which the second image was turned for the network, 0...3. The points are
  /// those of the image as it is.
  package var quarterTurns: Int
  /// The matches; a record keeps them in single precision.
  package var correspondences: Correspondences
  /// What the matches say about the two views.
  package var geometry: StoredGeometry

  package init(
    sizes: Pair<StoredSize>, networkSizes: Pair<StoredSize>, quarterTurns: Int = 0,
    correspondences: Correspondences, geometry: StoredGeometry
  ) {
    if case .estimated(_, _, _, let inliers) = geometry {
      precondition(inliers.count == correspondences.count, "every match is an inlier or not")
    }
    self.sizes = sizes
    self.networkSizes = networkSizes
    self.quarterTurns = quarterTurns
    self.correspondences = correspondences
    self.geometry = geometry
  }

  /// Number of matches.
  package var count: Int { correspondences.count }

  /// Whether each match agrees with the geometry; all false where none was estimated.
  package var inliers: [Bool] {
    if case .estimated(_, _, _, let inliers) = geometry { return inliers }
    return [Bool](repeating: false, count: count)
  }
}

/// The relation between the two views of a pair.
package enum StoredGeometry: Equatable, Sendable {
  /// It was not asked for.
  case notVerified
  /// There is none, and why.
  case notEstimated(GeometryKind, reason: String)
  /// H, F or E by kind; the largest error of an inlier in image pixels; for each match whether it agrees.
  case estimated(GeometryKind, Matrix3, threshold: Double, inliers: [Bool])
}
