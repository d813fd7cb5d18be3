// A histogram of errors as inline SVG: one small panel a matcher, all with the same scale. Bins are drawn equally
// wide although they are not: most errors are small, and the field's thresholds are the bounds.

/// Draws histograms of errors.
struct HistogramChart {
  /// What the chart shows, for those who cannot see it.
  var title: String
  /// As in `Pose error (degrees)`.
  var axisLabel: String
  /// Number of the matcher: its colour.
  var series: Int
  /// What is drawn.
  var histogram: ErrorHistogram
  /// Count of a bar that is as high as the panel.
  var highest: Int

  private static let (width, height, text) = (300.0, 190.0, 12.0)

  /// The chart as an `svg` element.
  var svg: String {
    let (top, bottom) = (Self.text * 1.6, Self.height - Self.text * 3.2)
    let step = Self.width / Double(histogram.counts.count)
    var parts = [
      "<svg class=\"panel\" viewBox=\"0 0 \(number(Self.width)) \(number(Self.height))\" role=\"img\" "
        + "aria-label=\"\(HTMLText.escaped(title + ": " + summary))\" font-size=\"\(number(Self.text))\">"
    ]
    for (index, (label, count)) in zip(histogram.labels, histogram.counts).enumerated() {
      let height = (bottom - top) * Double(count) / Double(max(1, highest))
      let x = (Double(index) + 0.5) * step
      let isFailure = index == histogram.counts.count - 1
      if count > 0 {
        parts.append(
          "<rect class=\"bar \(isFailure ? "failed" : "s\(series % CurveChart.seriesCount)")\" "
            + "x=\"\(number(x - step * 0.42))\" y=\"\(number(bottom - height))\" "
            + "width=\"\(number(step * 0.84))\" height=\"\(number(height))\"/>")
      }
      parts.append(
        "<text class=\"count\" x=\"\(number(x))\" y=\"\(number(bottom - height - 4))\" "
          + "text-anchor=\"middle\">\(count)</text>")
      parts.append(
        "<text class=\"tick\" x=\"\(number(x))\" y=\"\(number(bottom + Self.text * 1.35))\" "
          + "text-anchor=\"middle\">\(HTMLText.escaped(label))</text>")
    }
    parts.append(
      "<line class=\"base\" x1=\"0\" x2=\"\(number(Self.width))\" y1=\"\(number(bottom))\" "
        + "y2=\"\(number(bottom))\"/>")
    parts.append(
      "<text class=\"axis\" x=\"\(number(Self.width / 2))\" y=\"\(number(bottom + Self.text * 2.8))\" "
        + "text-anchor=\"middle\">\(HTMLText.escaped(axisLabel))</text>")
    parts.append("</svg>")
    return parts.joined(separator: "\n")
  }

  private var summary: String {
    zip(histogram.labels, histogram.counts).map { "\($0): \($1)" }.joined(separator: ", ")
  }

  private func number(_ value: Double) -> String {
    let text = HTMLText.decimal(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
