import Evaluation

/// The cumulative error curve: share of pairs (0...1) with at most an error (degrees or pixels), up to a limit.
///
/// It is the polyline whose area is the AUC of SuperGlue and LoFTR: errors sorted and preceded by (0, 0), joined by
/// straight lines, the last share held up to the limit.
struct ErrorCurve: Equatable, Sendable {
  struct Point: Equatable, Sendable {
    var error: Double
    var share: Double
  }

  let limit: Double
  /// From (0, 0) in order of error to `limit`.
  let points: [Point]

  /// Pairs weigh the same, split equally among their repeats; a repeat without an estimate and a pair without repeats
  /// count as infinite.
  init(pairs: [PairOutcome], limit: Double) {
    self.limit = limit
    var weighted: [Point] = []
    for pair in pairs {
      // The AUC cuts off errors equal to the limit.
      for case let error? in pair.errors where error >= 0 && error < limit {
        weighted.append(Point(error: error, share: 1 / Double(pair.errors.count)))
      }
    }
    weighted.sort { $0.error < $1.error }
    var points = [Point(error: 0, share: 0)]
    var sum = 0.0
    for step in weighted {
      sum += step.share
      points.append(Point(error: step.error, share: min(1, sum / Double(pairs.count))))
    }
    points.append(Point(error: limit, share: points[points.count - 1].share))
    self.points = points
  }

  /// The share at the limit, 0...1.
  var endShare: Double { points[points.count - 1].share }

  /// Area under the curve divided by the limit, 0...1: the AUC if pairs were estimated once.
  var area: Double {
    var area = 0.0
    for (start, end) in zip(points, points.dropFirst()) {
      area += (end.error - start.error) * (start.share + end.share) / 2
    }
    return limit > 0 ? area / limit : 0
  }
}
