/// Cumulative error curves as inline SVG: one line per matcher, told apart by colour, dashes and a label at its end.
struct CurveChart {
  struct Line {
    var series: Series
    var name: String
    var curve: ErrorCurve
  }

  struct Size {
    var width: Double
    var height: Double
    /// Room for the names at the right.
    var labelWidth: Double
    /// Text height.
    var text: Double

    static let wide = Size(width: 1040, height: 430, labelWidth: 130, text: 14)
    /// For phones.
    static let narrow = Size(width: 340, height: 320, labelWidth: 76, text: 12)
    /// For one of several grades.
    static let small = Size(width: 340, height: 240, labelWidth: 76, text: 12)
  }

  /// What the chart shows, for screen readers.
  var title: String
  /// Such as `Pose error (degrees)`.
  var axisLabel: String
  /// Errors with a vertical grid line; the last is the right edge.
  var marks: [Double]
  /// The lines, the first on top.
  var lines: [Line]

  func svg(_ size: Size, cssClass: String) -> String {
    var svg = SVG(cssClass: cssClass, size: SIMD2(size.width, size.height), textSize: size.text, label: title)
    let plot = Plot(size: size, limit: marks.last ?? 1)
    drawAxes(plot, in: &svg)
    // The first matcher is drawn last, so that it lies on top.
    for line in lines.reversed() {
      let points = Self.thinned(line.curve.points.map { plot.place($0.error, $0.share) })
      svg.polyline("line \(line.series.cssClass)", points, name: line.name)
    }
    drawNames(plot, in: &svg)
    return svg.element
  }

  /// From errors and shares to coordinates.
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

  private func drawAxes(_ plot: Plot, in svg: inout SVG) {
    let text = plot.size.text
    for step in 0...4 {
      let share = Double(step) / 4
      let at = plot.place(0, share)
      svg.line("grid", from: at, to: plot.place(plot.limit, share))
      svg.text("tick", "\(step * 25)%", at: at + SIMD2(-8, text * 0.35), anchor: "end")
    }
    for mark in [0] + marks {
      let at = plot.place(mark, 0)
      svg.line("grid", from: plot.place(mark, 1), to: at)
      svg.text("tick", HTMLText.short(mark), at: at + SIMD2(0, text * 1.4), anchor: "middle")
    }
    let middle = plot.place(plot.limit / 2, 0)
    svg.text("axis", axisLabel, at: middle + SIMD2(0, text * 2.9), anchor: "middle")
    // Horizontal and above the axis: easier to read, and takes no width on narrow pages.
    svg.text("axis", "Pairs with at most this error", at: SIMD2(0, text * 1.1))
  }

  /// Names at the ends of the lines, spread where they would overlap, with a short leader to the line.
  private func drawNames(_ plot: Plot, in svg: inout SVG) {
    let ends = lines.map { plot.place(plot.limit, $0.curve.endShare).y }
    let placed = Self.spread(ends, distance: plot.size.text * 1.25, from: plot.top, to: plot.bottom)
    let room = Int((plot.size.labelWidth - 16) / (plot.size.text * 0.56))
    for (index, line) in lines.enumerated() {
      svg.line(
        "leader \(line.series.cssClass)", from: SIMD2(plot.right, ends[index]),
        to: SIMD2(plot.right + 12, placed[index]))
      let name = line.name.count > room ? String(line.name.prefix(max(1, room - 1))) + "\u{2026}" : line.name
      svg.text(
        "name \(line.series.cssClass)", name,
        at: SIMD2(plot.right + 15, placed[index] + plot.size.text * 0.35))
    }
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
    // Names pushed past the lower edge move back up, pushing others before them.
    var last = bottom
    for index in order.reversed() {
      placed[index] = min(placed[index], last)
      last = placed[index] - distance
    }
    return placed
  }

  /// Drops corners less than a unit from the previous one, so that thousands of pairs do not bloat the file.
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
}
