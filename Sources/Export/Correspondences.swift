// What a run found, as plain values: Export knows no network. Points are pixels of the original pictures, the
// centre of the first pixel is (0, 0).

/// Matched points of two pictures with their scores, and which of them agree with the geometry.
package struct Correspondences: Sendable, Equatable {
  /// Points in the first picture, original pixels.
  package let points0: [SIMD2<Double>]
  /// Their partners in the second picture, original pixels.
  package let points1: [SIMD2<Double>]
  /// The probability of each match, 0...1.
  package let scores: [Double]
  /// Whether each match agrees with the estimated geometry; all false where none was estimated.
  package let inliers: [Bool]

  /// Correspondences from lists of equal length.
  package init(points0: [SIMD2<Double>], points1: [SIMD2<Double>], scores: [Double], inliers: [Bool]) {
    precondition(
      points1.count == points0.count && scores.count == points0.count && inliers.count == points0.count,
      "every match has two points, a score and an inlier flag")
    self.points0 = points0
    self.points1 = points1
    self.scores = scores
    self.inliers = inliers
  }

  /// The number of matches.
  package var count: Int { points0.count }

  /// The number of matches that agree with the geometry.
  package var inlierCount: Int { inliers.count { $0 } }
}
