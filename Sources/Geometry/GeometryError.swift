// What a caller can get wrong when asking for geometry. Matches that do not determine a model are no error:
// see NotEstimatedReason.

import Files

/// Why a question about geometry could not be asked.
package enum GeometryError: Error, Equatable, Sendable {
  /// The text is no camera "fx,fy,cx,cy".
  case invalidCamera(text: String, reason: String)
  /// An option is outside its range.
  case invalidOption(name: String, value: String, allowed: String)
  /// The two lists of points (or their scores) differ in length.
  case countMismatch(points0: Int, points1: Int)
  /// OpenCV failed in a way that does not depend on the matches.
  case estimatorFailed(reason: String)
}

extension GeometryError: ReportedError {
  /// One line: what, where, and what to do next.
  package var description: String {
    switch self {
    case .invalidCamera(let text, let reason):
      "camera \"\(text)\": \(reason); write fx,fy,cx,cy in pixels, for example 800,800,320,240"
    case .invalidOption(let name, let value, let allowed):
      "\(name) \(value): out of range; use \(allowed)"
    case .countMismatch(let points0, let points1):
      "\(points0) values against \(points1): every point needs its partner; pass lists of equal length"
    case .estimatorFailed(let reason):
      "robust estimation failed (\(reason)); please report this with both images"
    }
  }

  package var exitStatus: ExitStatus {
    if case .estimatorFailed = self { .internalError } else { .usage }
  }
}
