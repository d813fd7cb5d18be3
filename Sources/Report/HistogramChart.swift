import Evaluation

/// A histogram of errors as inline SVG: one small panel per matcher, all to the same scale. Bins are drawn equally wide
/// although they are not: most errors are small, and the bounds are the field's thresholds.
struct HistogramChart {
  /// What the chart shows, for screen readers.
  var title: String
  /// Such as `Pose error (degrees)`.
  var axisLabel: String
  var series: Series
  var bins: ErrorBins
  /// Count of a bar as high as the panel.
  var highest: Int

  private static let (size, text) = (SIMD2(300.0, 190.0), 12.0)

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

/// Pairs counted by their median error.
struct ErrorBins: Equatable, Sendable {
  /// Upper bounds of all bins but the last two, ascending, degrees or pixels.
  let bounds: [Double]
  /// One count per bound, then pairs with a larger error, then pairs without an estimate.
  let counts: [Int]

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

  static func bounds(of task: EvaluationTask) -> [Double] {
    task == .pose ? [1, 2, 5, 10, 20] : [0.5, 1, 3, 5, 10]
  }

  /// Such as `0-1`, `1-2`, `> 2`, `none`.
  var labels: [String] {
    let starts = [0] + bounds.dropLast()
    let inner = zip(starts, bounds).map { "\(HTMLText.short($0))\u{2013}\(HTMLText.short($1))" }
    return inner + ["> " + HTMLText.short(bounds.last ?? 0), "none"]
  }
}
