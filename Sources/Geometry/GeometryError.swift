// Invalid input to an estimation. Matches that do not determine a model are no error: see NotEstimatedReason.

import Files

package enum GeometryError: Error, Equatable, Sendable {
  /// The text is not of the form "fx,fy,cx,cy".
  case invalidCamera(text: String, reason: String)
  case invalidOption(name: String, value: String, allowed: String)
  /// The lists of points (or the scores) differ in length.
  case countMismatch(points0: Int, points1: Int)
  /// OpenCV failed for a reason other than the matches.
  case estimatorFailed(reason: String)
}

extension GeometryError: ReportedError {
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
