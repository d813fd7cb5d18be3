// The line of text below the picture of the matches.

import Files
import Geometry

/// Says in one line what was found.
package enum MatchCaption {
  /// Counts and geometry, for example "1500 matches, 1204 inliers (80 %) - fundamental matrix".
  ///
  /// Nil for `geometry`: none was asked for. ASCII, as the canvas draws no other characters.
  package static func text(matches: Int, geometry: TwoViewGeometry?) -> String {
    if matches == 0 { return "no matches" }
    let found = counted(matches, "match", plural: "matches")
    switch geometry {
    case nil:
      return found
    case .estimated(let estimate):
      let percent = Int((100 * Double(estimate.inlierCount) / Double(matches)).rounded())
      return "\(found), \(estimate.inlierCount) inliers (\(percent) %) - \(name(estimate.kind))"
    case .notEstimated(let kind, let reason):
      return "\(found) - \(name(kind)) not estimated: \(reason)"
    }
  }

  private static func name(_ kind: GeometryKind) -> String {
    switch kind {
    case .homography: "homography"
    case .fundamental: "fundamental matrix"
    case .essential: "essential matrix"
    }
  }
}
