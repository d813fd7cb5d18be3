// What a run found, as plain values: Export knows no network. Points are pixels of the original pictures, the
// centre of the first pixel is (0, 0).

/// Matched points of two pictures with their scores, and which of them agree with the geometry.
public struct Correspondences: Sendable, Equatable {
  /// Points in the first picture, original pixels.
  public let points0: [SIMD2<Double>]
  /// Their partners in the second picture, original pixels.
  public let points1: [SIMD2<Double>]
  /// The probability of each match, 0...1.
  public let scores: [Double]
  /// Whether each match agrees with the estimated geometry; all false where none was estimated.
  public let inliers: [Bool]

  /// Correspondences from lists of equal length.
  public init(points0: [SIMD2<Double>], points1: [SIMD2<Double>], scores: [Double], inliers: [Bool]) {
    precondition(
      points1.count == points0.count && scores.count == points0.count && inliers.count == points0.count,
      "every match has two points, a score and an inlier flag")
    self.points0 = points0
    self.points1 = points1
    self.scores = scores
    self.inliers = inliers
  }

  /// The number of matches.
  public var count: Int { points0.count }

  /// The number of matches that agree with the geometry.
  public var inlierCount: Int { inliers.count { $0 } }
}
