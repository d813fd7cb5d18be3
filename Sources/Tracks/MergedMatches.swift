// The matches of a pair as pairs of keypoints: each point is assigned its nearest keypoint; of several matches that
// then share a keypoint in either image, the one of highest score stays.

import Geometry

/// Matches by the indices of their keypoints; no keypoint occurs twice.
package struct MergedMatches: Equatable, Sendable {
  package var keypoints0: [Int]
  package var keypoints1: [Int]
  /// Probabilities, descending.
  package var scores: [Double]
  /// Index of the original match of each.
  package var sources: [Int]

  package var count: Int { scores.count }

  /// The matches may be in any order.
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
