// Matches of a pair as pairs of keypoints: each end goes to its nearest keypoint, and of several matches that then
// share a keypoint the one with the best score stays, on both sides.

import Geometry

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

  package var count: Int { scores.count }

  /// Merges the matches of a pair, in any order.
  package init(_ matches: Correspondences, onto first: Keypoints, and second: Keypoints) {
    (keypoints0, keypoints1, scores, sources) = ([], [], [], [])
    var (taken0, taken1): (Set<Int>, Set<Int>) = ([], [])
    for match in matches.bestFirst {
      guard let end0 = first.nearest(to: matches.points0[match]),
        let end1 = second.nearest(to: matches.points1[match]),
        !taken0.contains(end0), !taken1.contains(end1)
      else { continue }
      taken0.insert(end0)
      taken1.insert(end1)
      keypoints0.append(end0)
      keypoints1.append(end1)
      scores.append(matches.scores[match])
      sources.append(match)
    }
  }
}
