/// The area under the cumulative error curve (AUC) as SuperGlue and LoFTR compute it: errors sorted and preceded by 0,
/// recall rising from 0 to 1 in equal steps, the last recall held up to the threshold, integrated by the trapezoid
/// rule and divided by the threshold.
package enum AreaUnderErrorCurve {
  /// The AUC at each threshold, 0...1; 0 without errors. A pair without an estimate counts with an infinite error;
  /// negative and NaN errors count as infinite.
  package static func values(errors: [Double], thresholds: [Double]) -> [Double] {
    let sorted = [0] + errors.map { $0 >= 0 ? $0 : .infinity }.sorted()
    return thresholds.map { value(sorted, threshold: $0) }
  }

  /// `errors` are sorted and start with an extra 0, where the recall is 0.
  private static func value(_ errors: [Double], threshold: Double) -> Double {
    precondition(threshold > 0 && threshold.isFinite, "a threshold must be positive and finite")
    let steps = Double(max(errors.count - 1, 1))
    // The recall at an index is the share of errors up to it; errors equal to the threshold are cut off.
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
  /// 0 if empty.
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The median, or the upper of the two middle values; nil if empty.
  var upperMedian: Double? { isEmpty ? nil : sorted()[count / 2] }
}

extension Sequence where Element: Hashable {
  /// The distinct values in order of first appearance.
  package func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
