// The picture: where lines and dots land, what lies above what, and what the caption shows.

import Glibc
import Geometry
import Imaging
import Testing

@testable import Export

@Suite struct MatchPictureTests {
  private let black = Color(red: 0, green: 0, blue: 0)

  private func black(_ width: Int, _ height: Int) -> ColorImage {
    ColorImage(width: width, height: height, color: black)
  }

  private func render(
    _ left: ColorImage, _ right: ColorImage, _ matches: [(SIMD2<Double>, SIMD2<Double>, Double, Bool)],
    estimated: Bool = true
  ) throws -> ColorImage {
    let correspondences = Correspondences(
      points0: matches.map(\.0), points1: matches.map(\.1), scores: matches.map(\.2))
    return try MatchPicture.render(
      left: left, right: right, correspondences: correspondences,
      inliers: estimated ? matches.map(\.3) : nil, caption: "caption"
    ).image
  }

  /// Whether a colour is `share` of `ink` over black, up to rounding.
  private func isInk(_ color: Color, _ ink: Color, _ share: Double) -> Bool {
    let pairs = [(color.red, ink.red), (color.green, ink.green), (color.blue, ink.blue)]
    return pairs.allSatisfy { abs(Double($0.0) - share * Double($0.1)) <= 2 }
  }

  /// Pixels of the caption bar whose colour is far from grey.
  private func colourful(_ image: ColorImage, below row: Int) -> [Color] {
    var found: [Color] = []
    for y in row..<image.height {
      for x in 0..<image.width {
        let color = image[x, y]
        let channels = [color.red, color.green, color.blue]
        if (channels.max() ?? 0) - (channels.min() ?? 0) > 60 { found.append(color) }
      }
    }
    return found
  }

  @Test func dotsAndLineLieOnTheMappedPoints() throws {
    // Photos of 3824 x 400 are drawn at a quarter: 956 x 100. Pixel 401.5 lies at (401.5 + 0.5) / 4 - 0.5 = 100.
    let image = try render(
      black(3824, 400), black(3824, 400), [(SIMD2(401.5, 201.5), SIMD2(801.5, 201.5), 0.5, true)])
    #expect(image.width == 1920)
    let ink = ScoreColors.color(0.5)
    for x in [100, 956 + 8 + 200] {
      #expect(isInk(image[x, 48], ink, 0.9))
      // The edges of the dot, radius 3, half covered: a shift of half a pixel would show.
      #expect(isInk(image[x, 47], ink, 0.45))
      #expect(isInk(image[x, 53], ink, 0.45))
    }
    #expect(isInk(image[97, 50], ink, 0.45))
    #expect(isInk(image[956 + 8 + 203, 50], ink, 0.45))
    #expect(isInk(image[500, 50], ink, 0.9))
    #expect(image[500, 53] == black)
    #expect(image[90, 50] == black)
  }

  @Test func inliersLieAboveOutliersAndSureOnesAboveUnsure() throws {
    // Two lines that cross at (477.5 + 4, 50), the one that must lie above first in the list.
    let (up, down) = (
      (SIMD2(401.5, 121.5), SIMD2(3401.5, 281.5)), (SIMD2(401.5, 281.5), SIMD2(3401.5, 121.5))
    )
    func crossing(_ first: (Double, Bool), _ second: (Double, Bool)) throws -> Color {
      let image = try render(
        black(3824, 400), black(3824, 400),
        [(up.0, up.1, first.0, first.1), (down.0, down.1, second.0, second.1)])
      // Both points are mirrored about the middle row; the lines meet half-way between them.
      let x = (100 + 964 + 850) / 2
      return image[x, 50]
    }
    func isMostly(_ color: Color, _ ink: Color) -> Bool {
      let pairs = [(color.red, ink.red), (color.green, ink.green), (color.blue, ink.blue)]
      return pairs.allSatisfy { abs(Int($0.0) - Int($0.1)) <= 30 }
    }
    #expect(isMostly(try crossing((0.1, true), (0.9, false)), ScoreColors.color(0.1)))
    #expect(isMostly(try crossing((0.95, true), (0.2, true)), ScoreColors.color(0.95)))
  }

  @Test func outliersAreRedAndFainterUnlessNothingWasEstimated() throws {
    let match = (SIMD2(401.5, 201.5), SIMD2(801.5, 201.5), 0.5, false)
    let outlier = try render(black(3824, 400), black(3824, 400), [match])
    let line = outlier[500, 50]
    #expect(line.red > 60 && Int(line.red) > 2 * Int(line.green) && Int(line.red) > 2 * Int(line.blue))
    let style = (inlier: LineStyle(count: 1), outlier: LineStyle(outlierCount: 1))
    #expect(style.outlier.opacity < style.inlier.opacity && style.outlier.width < style.inlier.width)
    let unknown = try render(black(3824, 400), black(3824, 400), [match], estimated: false)
    #expect(isInk(unknown[500, 50], ScoreColors.color(0.5), 0.9))
  }

  @Test func linesFadeAsTheyGrowMany() {
    let styles = [50, 500, 1500, 5000, 100_000].map { LineStyle(count: $0) }
    for (fewer, more) in zip(styles, styles.dropFirst()) {
      #expect(more.opacity < fewer.opacity && more.width < fewer.width)
      #expect(more.opacity > 0 && more.dotOpacity > 0.5)
    }
  }

  @Test func theKeyShowsWhatIsDrawn() throws {
    let (inlier, outlier) = (
      (SIMD2(9.0, 9.0), SIMD2(9.0, 9.0), 0.5, true), (SIMD2(9.0, 9.0), SIMD2(9.0, 9.0), 0.5, false)
    )
    func key(
      _ matches: [(SIMD2<Double>, SIMD2<Double>, Double, Bool)], estimated: Bool = true
    ) throws -> (ramp: Bool, outlier: Bool) {
      let found = colourful(
        try render(black(300, 200), black(300, 200), matches, estimated: estimated), below: 400)
      return (
        found.contains(ScoreColors.color(0)) && found.contains(ScoreColors.color(1)),
        found.contains(MatchPicture.outlierColor)
      )
    }
    #expect(try key([]) == (false, false))
    #expect(try key([inlier]) == (true, false))
    #expect(try key([inlier, outlier]) == (true, true))
    #expect(try key([inlier, outlier], estimated: false) == (true, false))
  }

  @Test func noMatchesLeavesThePhotosAlone() throws {
    let photo = ColorImage(width: 300, height: 200, color: Color(red: 200, green: 200, blue: 200))
    let image = try render(photo, photo, [], estimated: false)
    #expect(image.width == 1208 && image.height == 430)
    let gray = UInt8((200 * MatchPicture.photoBrightness).rounded())
    for (x, y) in [(0, 0), (599, 399), (608, 0), (1207, 399), (300, 200)] {
      #expect(image[x, y] == Color(red: gray, green: gray, blue: gray))
    }
    #expect(image[603, 200] == MatchPicture.background)
    // The caption is there.
    #expect((400..<430).contains { y in (12..<60).contains { x in image[x, y].red > 150 } })
  }

  @Test func photosKeepTheirColour() throws {
    let photo = ColorImage(width: 40, height: 30, color: Color(red: 250, green: 10, blue: 60))
    let pixel = try render(photo, photo, [], estimated: false)[200, 20]
    #expect(Int(pixel.red) - Int(pixel.green) > 100 && pixel.red < 250 && pixel.blue > pixel.green)
  }

  @Test func pointsThatCannotBeDrawnAreLeftOut() throws {
    let far = SIMD2(Double.infinity, 3)
    let (unreal, huge) = (SIMD2(3, Double.nan), SIMD2(1e200, 5))
    let image = try render(
      black(300, 200), black(300, 200),
      [(far, far, 0.5, true), (SIMD2(1, 1), unreal, .nan, false), (huge, SIMD2(1, 1), .infinity, true)])
    #expect(image[2, 2] == black)
  }

  @Test(arguments: [
    (4000, 3000, 100, 80), (100, 80, 4000, 3000), (16, 16, 16, 16), (20000, 20, 30, 4000), (1, 5000, 5000, 1),
    (640, 480, 640, 480), (3000, 1, 3000, 1), (3000, 1, 1, 1), (480, 640, 1920, 1080),
  ])
  func layoutFits(_ width0: Int, _ height0: Int, _ width1: Int, _ height1: Int) {
    let layout = MatchPictureLayout(left: (width0, height0), right: (width1, height1))
    #expect(layout.width <= 1920 && layout.height <= 1080 && layout.width >= 420)
    for (photo, width, height) in [(layout.left, width0, height0), (layout.right, width1, height1)] {
      #expect(photo.x >= 0 && photo.x + photo.width <= layout.width)
      #expect(photo.y >= 0 && photo.y + photo.height <= layout.height)
      #expect(photo.width >= 1 && photo.height >= 1)
      #expect(photo.width <= max(2 * width, 1) && photo.height <= 2 * height)
      let aspect = Double(width) * Double(photo.height) / Double(height)
      #expect(abs(aspect - Double(photo.width)) <= 1 || photo.height == 1 || photo.width == 1)
      // The corners of the photo's area are those of the original.
      let corner = photo.place(SIMD2(-0.5, -0.5)) - SIMD2(Double(photo.x), Double(photo.y))
      #expect(corner == SIMD2(-0.5, -0.5))
    }
    #expect(layout.right.x == layout.left.x + layout.left.width + MatchPictureLayout.gap)
  }

  @Test func photosGetOneHeightUnlessOneIsTiny() {
    let similar = MatchPictureLayout(left: (800, 600), right: (3000, 4000))
    #expect(similar.left.height == similar.right.height)
    #expect(similar.width > 1900)
    let tiny = MatchPictureLayout(left: (4000, 3000), right: (100, 80))
    #expect(tiny.left.height == 1080 && tiny.right.height == 160)
    #expect(tiny.right.y == 460)
  }

  @Test func longCaptionsStayInside() throws {
    let caption = String(repeating: "a long caption ", count: 40)
    let canvas = try MatchPicture.render(
      left: black(20, 20), right: black(20, 20), correspondences: Correspondences(), inliers: nil,
      caption: caption)
    let image = canvas.image
    #expect(image.width == 420)
    for y in 0..<image.height { #expect(image[image.width - 6, y].red < 40) }
  }

  @Test func captionsSayWhatWasFound() {
    let estimate = TwoViewEstimate(
      kind: .fundamental, matrix: .identity, inlierMask: [true, true, false])
    #expect(
      MatchCaption.text(matches: 3, geometry: .estimated(estimate))
        == "3 matches, 2 inliers (67 %) - fundamental matrix")
    #expect(
      MatchCaption.text(
        matches: 1, geometry: .notEstimated(.homography, .tooFewMatches(found: 1, needed: 5)))
        == "1 match - homography not estimated: 1 matches, at least 5 are needed")
    #expect(MatchCaption.text(matches: 12, geometry: nil) == "12 matches")
    #expect(
      MatchCaption.text(
        matches: 0, geometry: .notEstimated(.homography, .tooFewMatches(found: 0, needed: 5)))
        == "no matches")
  }

  @Test func scoresHaveColoursOfRisingBrightness() {
    // Relative luminance (Rec. 709) of the linear channels.
    func luminance(_ color: Color) -> Double {
      let linear = [color.red, color.green, color.blue].map { channel in
        let value = Double(channel) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
    let values = (0...100).map { luminance(ScoreColors.color(Double($0) / 100)) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
    #expect(ScoreColors.color(-3) == ScoreColors.color(0) && ScoreColors.color(.nan) == ScoreColors.color(0))
    #expect(ScoreColors.color(7) == ScoreColors.color(1))
    #expect(ScoreColors.color(1) == Color(red: 254, green: 237, blue: 37))
  }
}
