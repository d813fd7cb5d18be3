// Matches of a pair as pairs of keypoints: each end goes to its nearest keypoint, and of several matches that then
// share a keypoint the one with the best score stays, on both sides.

/// Matches of two images by the indices of their keypoints; no keypoint comes twice.
package struct MergedMatches: Equatable, Sendable {
  /// Keypoints of the first image.
  package var keypoints0: [Int]
  /// Keypoints of the second image.
  package var keypoints1: [Int]
  /// Probability of each match, descending.
  package var scores: [Double]
  /// For each, the match that it was made from.
  package var sources: [Int]

  /// Number of matches.
  package var count: Int { scores.count }

  /// Merges the matches of a pair; lists of equal length, in any order.
  package init(
    points0: [SIMD2<Double>], points1: [SIMD2<Double>], scores: [Double], onto first: Keypoints,
    and second: Keypoints
  ) {
    precondition(
      points1.count == points0.count && scores.count == points0.count,
      "every match has two points and a score")
    (keypoints0, keypoints1, self.scores, sources) = ([], [], [], [])
    var (taken0, taken1): (Set<Int>, Set<Int>) = ([], [])
    for match in scores.indices.sorted(by: { (scores[$1], $0) < (scores[$0], $1) }) {
      guard let end0 = first.nearest(to: points0[match]), let end1 = second.nearest(to: points1[match]),
        !taken0.contains(end0), !taken1.contains(end1)
      else { continue }
      taken0.insert(end0)
      taken1.insert(end1)
      keypoints0.append(end0)
      keypoints1.append(end1)
      self.scores.append(scores[match])
      sources.append(match)
    }
  }
}
