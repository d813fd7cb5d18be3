// The cumulative error curve: for every error, which share of the pairs has an error of at most that.
// It is the polyline whose area is the AUC of SuperGlue and LoFTR: errors sorted, (0, 0) put before them, straight
// lines between them, and the last share held up to the limit.

import Evaluation

/// Share of pairs (0...1) over error (degrees or pixels), up to a limit.
struct ErrorCurve: Equatable, Sendable {
  /// A corner of the curve.
  struct Point: Equatable, Sendable {
    /// Degrees or pixels.
    var error: Double
    /// Share of the pairs whose error is at most that, 0...1.
    var share: Double
  }

  /// Largest error that the curve shows.
  let limit: Double
  /// From (0, 0) by rising error to the point at `limit`.
  let points: [Point]

  /// The curve of some pairs.
  ///
  /// Every pair has the same weight, shared equally by its repeats; a repeat without an estimate and a pair without
  /// repeats count as infinite.
  init(pairs: [PairOutcome], limit: Double) {
    self.limit = limit
    var weighted: [Point] = []
    for pair in pairs {
      // An error equal to the limit lies beyond the cut of the AUC.
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

  /// Share of the pairs at the limit, 0...1.
  var endShare: Double { points[points.count - 1].share }

  /// Area below the curve up to the limit, as a share of the whole box, 0...1: the AUC where pairs were estimated
  /// once.
  var area: Double {
    var area = 0.0
    for (start, end) in zip(points, points.dropFirst()) {
      area += (end.error - start.error) * (start.share + end.share) / 2
    }
    return limit > 0 ? area / limit : 0
  }
}
