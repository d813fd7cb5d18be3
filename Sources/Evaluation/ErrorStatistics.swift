// The statistics of the tables. The area under the cumulative error curve is the one of SuperGlue and LoFTR: errors
// sorted, 0 put before them, recall rising from 0 to 1 in equal steps, the curve cut at the threshold where it holds
// the last recall, the trapezoid rule, divided by the threshold.

/// AUC of a list of errors.
package enum AreaUnderErrorCurve {
  /// The area for each threshold, 0...1. A pair without an estimate has an infinite error and counts; errors below 0
  /// or not a number count as infinite. No errors have no area: 0.
  package static func values(errors: [Double], thresholds: [Double]) -> [Double] {
    let sorted = [0] + errors.map { $0 >= 0 ? $0 : .infinity }.sorted()
    return thresholds.map { value(sorted, threshold: $0) }
  }

  /// `errors` rise and begin with an additional 0, at which the recall is 0.
  private static func value(_ errors: [Double], threshold: Double) -> Double {
    precondition(threshold > 0 && threshold.isFinite, "a threshold is a positive number")
    let steps = Double(max(errors.count - 1, 1))
    // The recall at an index is the share of errors up to it; those equal to the threshold lie beyond the cut.
    let cut = errors.firstIndex { $0 >= threshold } ?? errors.count
    var area = 0.0
    for index in 1..<max(cut, 1) {
      area += (errors[index] - errors[index - 1]) * Double(2 * index - 1) / steps / 2
    }
    let last = cut - 1
    return (area + (threshold - errors[last]) * Double(last) / steps) / threshold
  }
}

extension [Double] {
  /// 0 without values.
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The median, or the upper of the two middle values; nil without values.
  var upperMedian: Double? { isEmpty ? nil : sorted()[count / 2] }
}

extension Sequence where Element: Hashable {
  /// Every value once, in the order of its first appearance.
  package func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
