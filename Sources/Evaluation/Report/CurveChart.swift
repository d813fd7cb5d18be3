// Cumulative error curves as inline SVG: one line a matcher, told apart by colour, dashes and a label at its end.
// Coordinates are user units of the viewBox, about CSS pixels at the size that the chart is made for.

/// Draws error curves.
struct CurveChart {
  /// One line of the chart.
  struct Line {
    /// Number of the matcher: its colour and dashes.
    var series: Int
    /// Name at its end.
    var name: String
    /// What is drawn.
    var curve: ErrorCurve
  }

  /// Extents of a chart.
  struct Size {
    var width: Double
    var height: Double
    /// Room for the names at the right.
    var labelWidth: Double
    /// Height of text.
    var text: Double

    /// For a page on a desk.
    static let wide = Size(width: 1040, height: 430, labelWidth: 130, text: 14)
    /// For a telephone.
    static let narrow = Size(width: 340, height: 320, labelWidth: 76, text: 12)
    /// For one grade among others.
    static let small = Size(width: 340, height: 240, labelWidth: 76, text: 12)
  }

  /// What the chart shows, for those who cannot see it.
  var title: String
  /// As in `Pose error (degrees)`.
  var axisLabel: String
  /// Errors with a line from bottom to top; the last one is the right edge.
  var marks: [Double]
  /// The lines, the first on top.
  var lines: [Line]

  /// The chart as an `svg` element.
  func svg(_ size: Size, cssClass: String) -> String {
    let plot = Plot(size: size, limit: marks.last ?? 1)
    var parts = [
      "<svg class=\"\(cssClass)\" viewBox=\"0 0 \(number(size.width)) \(number(size.height))\" role=\"img\" "
        + "aria-label=\"\(HTMLText.escaped(title))\" font-size=\"\(number(size.text))\">"
    ]
    parts += axes(plot)
    // The first matcher is drawn last, so that it lies on top.
    for line in lines.reversed() {
      let points = Self.thinned(line.curve.points.map { plot.place($0.error, $0.share) })
      let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
      parts.append(
        "<polyline class=\"line s\(line.series % Self.seriesCount)\" points=\"\(list)\">"
          + "<title>\(HTMLText.escaped(line.name))</title></polyline>")
    }
    parts += labels(plot)
    parts.append("</svg>")
    return parts.joined(separator: "\n")
  }

  /// Number of colours; more matchers start again.
  static let seriesCount = 6

  /// Where errors and shares lie.
  private struct Plot {
    let size: Size
    let limit: Double
    let (left, top, right, bottom): (Double, Double, Double, Double)

    init(size: Size, limit: Double) {
      self.size = size
      self.limit = limit
      left = size.text * 3.7
      top = size.text * 2.3
      right = size.width - size.labelWidth
      bottom = size.height - size.text * 3.4
    }

    func place(_ error: Double, _ share: Double) -> SIMD2<Double> {
      SIMD2(left + (right - left) * error / limit, bottom + (top - bottom) * share)
    }
  }

  private func axes(_ plot: Plot) -> [String] {
    var parts: [String] = []
    let text = plot.size.text
    for step in 0...4 {
      let at = plot.place(0, Double(step) / 4)
      parts.append(
        "<line class=\"grid\" x1=\"\(number(plot.left))\" x2=\"\(number(plot.right))\" y1=\"\(number(at.y))\" "
          + "y2=\"\(number(at.y))\"/>")
      parts.append(
        "<text class=\"tick\" x=\"\(number(at.x - 8))\" y=\"\(number(at.y + text * 0.35))\" "
          + "text-anchor=\"end\">\(step * 25)%</text>")
    }
    for mark in [0] + marks {
      let at = plot.place(mark, 0)
      parts.append(
        "<line class=\"grid\" x1=\"\(number(at.x))\" x2=\"\(number(at.x))\" y1=\"\(number(plot.top))\" "
          + "y2=\"\(number(plot.bottom))\"/>")
      parts.append(
        "<text class=\"tick\" x=\"\(number(at.x))\" y=\"\(number(at.y + text * 1.4))\" "
          + "text-anchor=\"middle\">\(HTMLText.short(mark))</text>")
    }
    let middle = plot.place(plot.limit / 2, 0.5)
    parts.append(
      "<text class=\"axis\" x=\"\(number(middle.x))\" y=\"\(number(plot.bottom + text * 2.9))\" "
        + "text-anchor=\"middle\">\(HTMLText.escaped(axisLabel))</text>")
    // Above the shares, level: read without turning the head, and narrow pages keep their width.
    parts.append(
      "<text class=\"axis\" x=\"0\" y=\"\(number(text * 1.1))\">Pairs with at most this error</text>")
    return parts
  }

  /// Names at the ends of the lines, moved apart where they would overlap, with a short stroke to the line.
  private func labels(_ plot: Plot) -> [String] {
    let ends = lines.map { plot.place(plot.limit, $0.curve.endShare).y }
    let placed = Self.spread(ends, distance: plot.size.text * 1.25, from: plot.top, to: plot.bottom)
    let room = Int((plot.size.labelWidth - 16) / (plot.size.text * 0.56))
    var parts: [String] = []
    for (index, line) in lines.enumerated() {
      let series = line.series % Self.seriesCount
      parts.append(
        "<line class=\"leader s\(series)\" x1=\"\(number(plot.right))\" y1=\"\(number(ends[index]))\" "
          + "x2=\"\(number(plot.right + 12))\" y2=\"\(number(placed[index]))\"/>")
      let name = line.name.count > room ? String(line.name.prefix(max(1, room - 1))) + "\u{2026}" : line.name
      parts.append(
        "<text class=\"name s\(series)\" x=\"\(number(plot.right + 15))\" "
          + "y=\"\(number(placed[index] + plot.size.text * 0.35))\">\(HTMLText.escaped(name))</text>")
    }
    return parts
  }

  /// Positions at least `distance` apart inside the bounds, in the same order as `wanted` and close to it.
  static func spread(_ wanted: [Double], distance: Double, from top: Double, to bottom: Double) -> [Double] {
    let order = wanted.indices.sorted { wanted[$0] != wanted[$1] ? wanted[$0] < wanted[$1] : $0 < $1 }
    var placed = wanted
    var next = -Double.infinity
    for index in order {
      placed[index] = max(wanted[index], next)
      next = placed[index] + distance
    }
    // What was pushed over the lower edge goes back up, and takes along what is in its way.
    var last = bottom
    for index in order.reversed() {
      placed[index] = min(placed[index], last)
      last = placed[index] - distance
    }
    return placed
  }

  /// The polyline without corners closer than a unit to the one before: thousands of pairs make no larger a file.
  static func thinned(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
    guard var kept = points.first, let last = points.last else { return points }
    var result = [kept]
    for point in points.dropFirst().dropLast() where abs(point.x - kept.x) + abs(point.y - kept.y) >= 1 {
      result.append(point)
      kept = point
    }
    result.append(last)
    return result
  }

  /// A coordinate with at most one decimal.
  private func number(_ value: Double) -> String {
    let text = HTMLText.decimal(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
