import Geometry
import Imaging

/// The picture of a result: both photos side by side, one line per match, a caption with a key.
///
/// From bottom to top: photos (slightly dimmed and desaturated), outliers (thin, red, faint), inliers by rising score,
/// coloured by score. The more lines, the thinner and fainter they are; the dots at their ends stay.
package enum MatchPicture {
  /// Draws the matches of two photos, at most 1920 pixels wide; points are pixels of `left` and `right`. Without
  /// `inliers`, every line is coloured by its score. Matches with points that are not finite are left out.
  package static func render(
    left: ColorImage, right: ColorImage, correspondences: Correspondences, inliers: [Bool]?, caption: String?
  ) throws(ImagingError) -> Canvas {
    let layout = MatchPictureLayout(left: (left.width, left.height), right: (right.width, right.height))
    var bar: CaptionBar?
    if let caption {
      bar = try CaptionBar(
        caption: caption, width: layout.width, showsScores: correspondences.count > 0,
        showsOutliers: inliers?.contains(false) ?? false)
    }
    var canvas = Canvas(width: layout.width, height: layout.height + (bar?.height ?? 0), color: background)
    for (photo, place) in [(left, layout.left), (right, layout.right)] {
      let scaled = try photo.resized(width: place.width, height: place.height)
      try canvas.paste(dimmed(scaled), x: place.x, y: place.y)
    }
    let lines = placed(correspondences, inliers, in: layout)
    let style = LineStyle(count: lines.inliers.count)
    let outlierStyle = LineStyle(outlierCount: lines.outliers.count)
    try draw(lines.outliers, outlierStyle, on: &canvas)
    try draw(lines.inliers, style, on: &canvas)
    try bar?.draw(on: &canvas, y: layout.height)
    return canvas
  }

  static let background = Color(red: 22, green: 24, blue: 29)
  static let outlierColor = Color(red: 235, green: 72, blue: 66)
  /// Photos keep this share of their brightness and colour, so that lines stand out.
  static let (photoBrightness, photoSaturation) = (0.7, 0.7)

  private static func dimmed(_ image: ColorImage) -> ColorImage {
    var pixels = image.pixels
    // In 1/1024: weights of a pixel's own value and of its luma (Rec. 601).
    let own = Int32((1024 * photoBrightness * photoSaturation).rounded())
    let gray = Int32((1024 * photoBrightness).rounded()) - own
    for index in stride(from: 0, to: pixels.count, by: 3) {
      let (blue, green, red) = (Int32(pixels[index]), Int32(pixels[index + 1]), Int32(pixels[index + 2]))
      let shared = gray * ((117 * blue + 601 * green + 306 * red + 512) >> 10) + 512
      pixels[index] = UInt8((own * blue + shared) >> 10)
      pixels[index + 1] = UInt8((own * green + shared) >> 10)
      pixels[index + 2] = UInt8((own * red + shared) >> 10)
    }
    return ColorImage(width: image.width, height: image.height, pixels: pixels)
  }

  private struct Line {
    var start: SIMD2<Double>
    var end: SIMD2<Double>
    var color: Color
    var score: Double
  }

  private static func placed(
    _ correspondences: Correspondences, _ agrees: [Bool]?, in layout: MatchPictureLayout
  ) -> (inliers: [Line], outliers: [Line]) {
    var (inliers, outliers): ([Line], [Line]) = ([], [])
    for index in 0..<correspondences.count {
      let start = layout.left.place(correspondences.points0[index])
      let end = layout.right.place(correspondences.points1[index])
      // The canvas draws in single precision and refuses values that are not finite there.
      guard [start.x, start.y, end.x, end.y].allSatisfy({ abs($0) < 1e9 }) else { continue }
      let score = correspondences.scores[index]
      if agrees?[index] == false {
        outliers.append(Line(start: start, end: end, color: outlierColor, score: score))
      } else {
        inliers.append(Line(start: start, end: end, color: ScoreColors.color(score), score: score))
      }
    }
    // The most certain lie on top. NaN counts as 0: comparing with it would make the order depend on the sort.
    let order = inliers.enumerated().sorted { first, second in
      let (score0, score1) = (max(0, first.element.score), max(0, second.element.score))
      return score0 != score1 ? score0 < score1 : first.offset < second.offset
    }
    return (order.map(\.element), outliers)
  }

  private static func draw(
    _ lines: [Line], _ style: LineStyle, on canvas: inout Canvas
  ) throws(ImagingError) {
    try canvas.draw(
      lines.map {
        Canvas.Segment(
          start: $0.start, end: $0.end, width: style.width, color: $0.color, opacity: style.opacity)
      })
    try canvas.draw(
      lines.flatMap { line in
        [line.start, line.end].map {
          Canvas.Circle(center: $0, radius: style.dotRadius, color: line.color, opacity: style.dotOpacity)
        }
      })
  }
}

/// How lines of one kind are drawn, lengths in pixels; found by trial on 50, 1500 and 5000 matches.
struct LineStyle: Equatable {
  var width: Double
  var opacity: Double
  var dotRadius: Double
  var dotOpacity: Double

  /// The style of `count` lines coloured by score.
  init(count: Int) {
    // 1 up to 100 lines, then falling: 0.26 at 1500, 0.14 at 5000.
    let sparseness = (100 / Double(max(100, count))).squareRoot()
    width = 0.9 + 0.7 * sparseness
    opacity = 0.9 * sparseness
    dotRadius = 1.6 + 1.4 * sparseness
    dotOpacity = 0.9
  }

  /// The style of `count` outliers: thinner and fainter than as many inliers.
  init(outlierCount count: Int) {
    let sparseness = (100 / Double(max(100, count))).squareRoot()
    width = 0.9
    opacity = 0.65 * sparseness * (0.5 + 0.5 * sparseness)
    dotRadius = 1.3 + 0.9 * sparseness
    dotOpacity = 0.35 + 0.45 * sparseness
  }
}
