/// Builds an inline `svg` element. Coordinates are user units of the viewBox, about CSS pixels at the intended size,
/// written with at most one decimal.
struct SVG {
  private var parts: [String]

  /// `label` says what the chart shows, for screen readers.
  init(cssClass: String, size: SIMD2<Double>, textSize: Double, label: String) {
    parts = [
      "<svg class=\"\(cssClass)\" viewBox=\"0 0 \(Self.number(size.x)) \(Self.number(size.y))\" role=\"img\" "
        + "aria-label=\"\(HTMLText.escaped(label))\" font-size=\"\(Self.number(textSize))\">"
    ]
  }

  var element: String { (parts + ["</svg>"]).joined(separator: "\n") }

  mutating func line(_ cssClass: String, from start: SIMD2<Double>, to end: SIMD2<Double>) {
    parts.append(
      "<line class=\"\(cssClass)\" x1=\"\(Self.number(start.x))\" y1=\"\(Self.number(start.y))\" "
        + "x2=\"\(Self.number(end.x))\" y2=\"\(Self.number(end.y))\"/>")
  }

  /// `name` appears under the pointer.
  mutating func polyline(_ cssClass: String, _ points: [SIMD2<Double>], name: String) {
    let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    parts.append(
      "<polyline class=\"\(cssClass)\" points=\"\(list)\"><title>\(HTMLText.escaped(name))</title></polyline>"
    )
  }

  mutating func rectangle(_ cssClass: String, at corner: SIMD2<Double>, size: SIMD2<Double>) {
    parts.append(
      "<rect class=\"\(cssClass)\" x=\"\(Self.number(corner.x))\" y=\"\(Self.number(corner.y))\" "
        + "width=\"\(Self.number(size.x))\" height=\"\(Self.number(size.y))\"/>")
  }

  /// `anchor`, one of start, middle and end, is the part of the baseline placed at `point`.
  mutating func text(_ cssClass: String, _ text: String, at point: SIMD2<Double>, anchor: String = "start") {
    parts.append(
      "<text class=\"\(cssClass)\" x=\"\(Self.number(point.x))\" y=\"\(Self.number(point.y))\" "
        + "text-anchor=\"\(anchor)\">\(HTMLText.escaped(text))</text>")
  }

  private static func number(_ value: Double) -> String {
    let text = HTMLText.decimal(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// A matcher's colour and dashes, the same in all charts and tables.
struct Series {
  /// The style sheet has classes s0 to s5; more matchers reuse them.
  private static let count = 6
  let cssClass: String

  init(_ index: Int) { cssClass = "s\(index % Self.count)" }

  /// A short sample of the matcher's line.
  var swatch: String {
    "<svg class=\"swatch\" viewBox=\"0 0 26 8\" aria-hidden=\"true\">"
      + "<line class=\"line \(cssClass)\" x1=\"1\" x2=\"25\" y1=\"4\" y2=\"4\"/></svg>"
  }
}
