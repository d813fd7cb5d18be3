import Geometry

/// The outcome of one pair. Points are pixels of the images after their EXIF orientation; the centre of the first pixel
/// is (0, 0). x1 ~ H x0; x1' F x0 = 0; y1' E y0 = 0.
package struct StoredPair: Equatable, Sendable {
  /// The images' paths within the image folder.
  package var name0: String
  package var name1: String
  package var outcome: StoredOutcome
  /// Wall-clock time, including the features of images used for the first time.
  package var seconds: Double

  package init(name0: String, name1: String, outcome: StoredOutcome, seconds: Double) {
    self.name0 = name0
    self.name1 = name1
    self.outcome = outcome
    self.seconds = seconds
  }

  /// nil if the pair failed.
  package var matches: StoredMatches? { if case .matched(let matches) = outcome { matches } else { nil } }
}

package enum StoredOutcome: Equatable, Sendable {
  /// Possibly with no matches at all.
  case matched(StoredMatches)
  case failed(FailedPart, reason: String)
}

/// What made a pair fail.
package enum FailedPart: UInt8, Equatable, Sendable {
  /// Neither image alone.
  case pair = 0
  case image0 = 1
  case image1 = 2
}

/// The size of an image, pixels.
package struct StoredSize: Equatable, Hashable, Sendable {
  package var width: Int
  package var height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// The matches of a pair, best score first.
package struct StoredMatches: Equatable, Sendable {
  /// Image sizes after EXIF orientation.
  package var sizes: Pair<StoredSize>
  /// Network input sizes.
  package var networkSizes: Pair<StoredSize>
  /// Counter-clockwise quarter turns of the second image for the network, 0...3. Its points are in the unturned image.
  package var quarterTurns: Int
  /// Stored in single precision.
  package var correspondences: Correspondences
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

  package var count: Int { correspondences.count }

  /// All false without a geometry estimate.
  package var inliers: [Bool] {
    if case .estimated(_, _, _, let inliers) = geometry { return inliers }
    return [Bool](repeating: false, count: count)
  }
}

/// The two-view geometry of a pair.
package enum StoredGeometry: Equatable, Sendable {
  /// Not requested.
  case notVerified
  case notEstimated(GeometryKind, reason: String)
  /// H, F or E by kind; the inlier threshold in image pixels; one flag per match.
  case estimated(GeometryKind, Matrix3, threshold: Double, inliers: [Bool])
}
