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
  package var matches: StoredMatches? {
    if case .matched(let matches) = outcome { matches } else { nil }
  }
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
  /// Size of the first image as it is seen, after its EXIF orientation.
  package var size0: StoredSize
  /// Size of the second image.
  package var size1: StoredSize
  /// Size at which the network saw the first image.
  package var networkSize0: StoredSize
  /// Size at which the network saw the second image.
  package var networkSize1: StoredSize
  /// Quarter turns, counter-clockwise, by which the second image was turned for the network, 0...3. The points are those of
  /// the image as it is.
  package var quarterTurns: Int
  /// Points in the first image.
  package var points0: [SIMD2<Float>]
  /// Their partners in the second image.
  package var points1: [SIMD2<Float>]
  /// Probability of each match, 0...1, descending.
  package var scores: [Float]
  /// What the matches say about the two views.
  package var geometry: StoredGeometry

  /// Matches from lists of equal length.
  package init(
    size0: StoredSize, size1: StoredSize, networkSize0: StoredSize, networkSize1: StoredSize,
    quarterTurns: Int = 0, points0: [SIMD2<Float>], points1: [SIMD2<Float>], scores: [Float],
    geometry: StoredGeometry
  ) {
    precondition(
      points1.count == points0.count && scores.count == points0.count,
      "every match has two points and a score")
    if case .estimated(_, _, _, let inliers) = geometry {
      precondition(inliers.count == points0.count, "every match is an inlier or not")
    }
    self.size0 = size0
    self.size1 = size1
    self.networkSize0 = networkSize0
    self.networkSize1 = networkSize1
    self.quarterTurns = quarterTurns
    self.points0 = points0
    self.points1 = points1
    self.scores = scores
    self.geometry = geometry
  }

  /// Number of matches.
  package var count: Int { points0.count }

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
