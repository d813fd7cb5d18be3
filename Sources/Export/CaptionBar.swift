import Files
import Geometry
import Imaging

/// The bar below the photos: a caption on the left, the colour key on the right. If both do not fit in one row, the key
/// moves to a second one; text that is still too wide shrinks and is then cut.
struct CaptionBar {
  private static let margin = 12
  private static let rowHeight = 30
  private static let rampWidth = 110
  private static let rampHeight = 10
  private static let keyScale = 0.42
  private static let textColor = Color(red: 232, green: 234, blue: 238)
  private static let keyColor = Color(red: 168, green: 173, blue: 182)

  /// A piece of the key, drawn from left to right.
  private enum KeyItem: Equatable {
    case text(String)
    case ramp
    case outlierLine
    case space(Int)
  }

  private let text: String
  private let textScale: Double
  private let width: Int
  private let key: [KeyItem]
  private let keyWidth: Int
  private let rows: Int

  init(caption: String, width: Int, showsScores: Bool, showsOutliers: Bool) throws(ImagingError) {
    self.width = width
    var key: [KeyItem] = []
    if showsOutliers { key += [.outlierLine, .space(6), .text("outlier"), .space(22)] }
    if showsScores {
      key += [.text("score"), .space(8), .text("0"), .space(6), .ramp, .space(6), .text("1")]
    }
    self.key = key
    var keyWidth = 0
    for item in key { keyWidth += try Self.width(of: item) }
    self.keyWidth = keyWidth

    let room = width - 2 * Self.margin
    let captionWidth = try Canvas.textSize(caption, scale: 0.5).width
    rows = !key.isEmpty && captionWidth + 2 * Self.margin + keyWidth > room ? 2 : 1
    (text, textScale) = try Self.fitted(caption, room: room)
  }

  var height: Int { rows * Self.rowHeight }

  /// Draws the bar with its top edge at row `y`.
  func draw(on canvas: inout Canvas, y: Int) throws(ImagingError) {
    let textBase = y + Self.rowHeight / 2 + 5
    try canvas.draw(text: text, x: Self.margin, y: textBase, scale: textScale, color: Self.textColor)
    let middle = y + (rows - 1) * Self.rowHeight + Self.rowHeight / 2
    var x = rows == 2 ? Self.margin : width - Self.margin - keyWidth
    for item in key {
      let itemWidth = try Self.width(of: item)
      switch item {
      case .text(let text):
        try canvas.draw(text: text, x: x, y: middle + 4, scale: Self.keyScale, color: Self.keyColor)
      case .ramp:
        try canvas.paste(Self.ramp, x: x, y: middle - Self.rampHeight / 2)
      case .outlierLine:
        let (start, end) = (SIMD2(Double(x + 2), Double(middle)), SIMD2(Double(x + 28), Double(middle)))
        let color = MatchPicture.outlierColor
        try canvas.draw([Canvas.Segment(start: start, end: end, width: 1, color: color, opacity: 0.8)])
        try canvas.draw([start, end].map { Canvas.Circle(center: $0, radius: 2, color: color) })
      case .space: break
      }
      x += itemWidth
    }
  }

  private static func width(of item: KeyItem) throws(ImagingError) -> Int {
    switch item {
    case .text(let text): try Canvas.textSize(text, scale: keyScale).width
    case .ramp: rampWidth
    case .outlierLine: 30
    case .space(let width): width
    }
  }

  /// The colours of the scores 0...1 from left to right.
  private static var ramp: ColorImage {
    let row = (0..<rampWidth).flatMap { column in
      let color = ScoreColors.color(Double(column) / Double(rampWidth - 1))
      return [color.blue, color.green, color.red]
    }
    return ColorImage(width: rampWidth, height: rampHeight, pixels: (0..<rampHeight).flatMap { _ in row })
  }

  /// The caption and a scale at which it fits; cut if it is too wide even at the smallest readable scale.
  private static func fitted(
    _ caption: String, room: Int
  ) throws(ImagingError) -> (text: String, scale: Double) {
    for scale in [0.5, 0.45, 0.4, 0.36] where try Canvas.textSize(caption, scale: scale).width <= room {
      return (caption, scale)
    }
    var kept = caption
    while !kept.isEmpty {
      kept.removeLast()
      if try Canvas.textSize(kept + "...", scale: 0.36).width <= room { return (kept + "...", 0.36) }
    }
    return ("", 0.36)
  }
}

package enum MatchCaption {
  /// For example "1500 matches, 1204 inliers (80 %) - fundamental matrix"; ASCII, as the canvas draws nothing else.
  package static func text(matches: Int, geometry: TwoViewGeometry?) -> String {
    if matches == 0 { return "no matches" }
    let found = counted(matches, "match", plural: "matches")
    switch geometry {
    case nil: return found
    case .estimated(let estimate):
      let percent = Int((100 * Double(estimate.inlierCount) / Double(matches)).rounded())
      return "\(found), \(estimate.inlierCount) inliers (\(percent) %) - \(name(estimate.kind))"
    case .notEstimated(let kind, let reason):
      return "\(found) - \(name(kind)) not estimated: \(reason)"
    }
  }

  private static func name(_ kind: GeometryKind) -> String {
    switch kind {
    case .homography: "homography"
    case .fundamental: "fundamental matrix"
    case .essential: "essential matrix"
    }
  }
}
