// A histogram of errors as inline SVG: one small panel per matcher, all with the same scale. Bins are drawn equally
// wide although they are not: most errors are small, and the field's thresholds are the bounds.

import Evaluation

/// Draws histograms of errors.
struct HistogramChart {
  /// What the chart shows, for those who cannot see it.
  var title: String
  /// As in `Pose error (degrees)`.
  var axisLabel: String
  /// Colour of the bars.
  var series: Series
  /// What is drawn.
  var bins: ErrorBins
  /// Count of a bar that is as high as the panel.
  var highest: Int

  private static let (size, text) = (SIMD2(300.0, 190.0), 12.0)

  /// The chart as an `svg` element.
  var svg: String {
    let (top, bottom) = (Self.text * 1.6, Self.size.y - Self.text * 3.2)
    let bars = Array(zip(bins.labels, bins.counts))
    let summary = bars.map { "\($0): \($1)" }.joined(separator: ", ")
    var svg = SVG(cssClass: "panel", size: Self.size, textSize: Self.text, label: "\(title): \(summary)")
    let step = Self.size.x / Double(bars.count)
    for (index, (label, count)) in bars.enumerated() {
      let height = (bottom - top) * Double(count) / Double(max(1, highest))
      let x = (Double(index) + 0.5) * step
      if count > 0 {
        let isFailure = index == bars.count - 1
        svg.rectangle(
          "bar \(isFailure ? "failed" : series.cssClass)", at: SIMD2(x - step * 0.42, bottom - height),
          size: SIMD2(step * 0.84, height))
      }
      svg.text("count", "\(count)", at: SIMD2(x, bottom - height - 4), anchor: "middle")
      svg.text("tick", label, at: SIMD2(x, bottom + Self.text * 1.35), anchor: "middle")
    }
    svg.line("base", from: SIMD2(0, bottom), to: SIMD2(Self.size.x, bottom))
    svg.text("axis", axisLabel, at: SIMD2(Self.size.x / 2, bottom + Self.text * 2.8), anchor: "middle")
    return svg.element
  }
}

/// Counts of errors between stated bounds.
struct ErrorBins: Equatable, Sendable {
  /// Rising upper bounds of all bins but the last two, degrees or pixels.
  let bounds: [Double]
  /// Pairs in each bin: one for each bound, then those with a larger error, then those without an estimate.
  let counts: [Int]

  /// The median errors of some pairs, counted.
  init(pairs: [PairOutcome], bounds: [Double]) {
    self.bounds = bounds
    var counts = [Int](repeating: 0, count: bounds.count + 2)
    for pair in pairs {
      let error = pair.medianError
      if error.isFinite {
        counts[bounds.firstIndex { error <= $0 } ?? bounds.count] += 1
      } else {
        counts[bounds.count + 1] += 1
      }
    }
    self.counts = counts
  }

  /// The bounds of the bins: fine where the field's thresholds lie.
  static func bounds(of task: EvaluationTask) -> [Double] {
    task == .pose ? [1, 2, 5, 10, 20] : [0.5, 1, 3, 5, 10]
  }

  /// What each bin holds, as in `0-1`, `1-2`, `> 2`, `none`.
  var labels: [String] {
    let starts = [0] + bounds.dropLast()
    let inner = zip(starts, bounds).map { "\(HTMLText.short($0))\u{2013}\(HTMLText.short($1))" }
    return inner + ["> " + HTMLText.short(bounds.last ?? 0), "none"]
  }
}
