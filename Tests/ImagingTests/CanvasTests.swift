// Drawing: where the ink lands, how much of it, and what happens at the border.

import Testing

@testable import Imaging

@Suite struct CanvasTests {
  private let white = Color(red: 255, green: 255, blue: 255)
  private let black = Color(red: 0, green: 0, blue: 0)

  /// Sum and centroid of the red channel, in pixels of full ink.
  private func ink(_ canvas: Canvas) -> (area: Double, x: Double, y: Double) {
    var (area, sumX, sumY) = (0.0, 0.0, 0.0)
    for y in 0..<canvas.image.height {
      for x in 0..<canvas.image.width {
        let value = Double(canvas.image[x, y].red) / 255
        area += value
        sumX += value * Double(x)
        sumY += value * Double(y)
      }
    }
    return (area, sumX / area, sumY / area)
  }

  @Test func circleHasItsAreaAndCentre() throws {
    var canvas = Canvas(width: 40, height: 30, color: black)
    try canvas.draw([Canvas.Circle(center: SIMD2(17.25, 12.5), radius: 6, color: white)])
    let found = ink(canvas)
    #expect(abs(found.area - Double.pi * 36) < 2)
    #expect(abs(found.x - 17.25) < 0.02)
    #expect(abs(found.y - 12.5) < 0.02)
  }

  @Test(arguments: [(SIMD2(5.3, 4.2), SIMD2(50.1, 31.7)), (SIMD2(40.0, 3.0), SIMD2(12.5, 35.25))])
  func lineHasItsAreaAndCentre(start: SIMD2<Double>, end: SIMD2<Double>) throws {
    var canvas = Canvas(width: 60, height: 40, color: black)
    try canvas.draw([Canvas.Segment(start: start, end: end, width: 2, color: white)])
    let found = ink(canvas)
    let offset = end - start
    let length = (offset * offset).sum().squareRoot()
    #expect(abs(found.area - (length * 2 + Double.pi)) < 0.03 * length * 2)
    #expect(abs(found.x - (start.x + end.x) / 2) < 0.05)
    #expect(abs(found.y - (start.y + end.y) / 2) < 0.05)
  }

  @Test func horizontalAndVerticalLinesAreExact() throws {
    var canvas = Canvas(width: 20, height: 20, color: black)
    try canvas.draw([
      Canvas.Segment(start: SIMD2(3, 5), end: SIMD2(15, 5), width: 1, color: white),
      Canvas.Segment(start: SIMD2(10, 8), end: SIMD2(10, 18), width: 1, color: white),
    ])
    #expect(canvas.image[9, 5] == white)
    #expect(canvas.image[9, 6] == black)
    #expect(canvas.image[9, 4] == black)
    #expect(canvas.image[10, 12] == white)
    #expect(canvas.image[11, 12] == black)
  }

  @Test func opacityBlends() throws {
    var canvas = Canvas(width: 20, height: 9, color: Color(red: 100, green: 0, blue: 200))
    let line = Canvas.Segment(
      start: SIMD2(2, 4), end: SIMD2(17, 4), width: 3, color: Color(red: 200, green: 100, blue: 0),
      opacity: 0.25)
    try canvas.draw([line])
    #expect(canvas.image[10, 4] == Color(red: 125, green: 25, blue: 150))
  }

  @Test func drawingOutsideIsCutOff() throws {
    var canvas = Canvas(width: 10, height: 10, color: black)
    try canvas.draw([
      Canvas.Segment(start: SIMD2(-1e9, 5), end: SIMD2(1e9, 5), width: 1, color: white),
      Canvas.Segment(start: SIMD2(-30, -30), end: SIMD2(-20, -5), width: 4, color: white),
    ])
    try canvas.draw([Canvas.Circle(center: SIMD2(1e30, -1e30), radius: 5, color: white)])
    #expect(canvas.image[0, 5].red > 250)
    #expect(canvas.image[9, 5].red > 250)
    #expect(abs(ink(canvas).area - 10) < 0.5)
  }

  @Test func badCoordinatesAreRefused() {
    var canvas = Canvas(width: 10, height: 10, color: black)
    #expect(throws: ImagingError.self) {
      try canvas.draw([Canvas.Circle(center: SIMD2(.nan, 3), radius: 5, color: white)])
    }
    #expect(throws: ImagingError.self) {
      try canvas.draw([Canvas.Segment(start: SIMD2(1, 1), end: SIMD2(2, 2), width: 0, color: white)])
    }
    #expect(canvas.image == ColorImage(width: 10, height: 10, color: black))
  }

  @Test func pastingIsCutOffAtEverySide() throws {
    var pixels: [UInt8] = []
    for index in 0..<12 { pixels += [UInt8(index), UInt8(index), UInt8(index + 100)] }
    let picture = ColorImage(width: 4, height: 3, pixels: pixels)
    var canvas = Canvas(width: 5, height: 5, color: black)
    try canvas.paste(picture, x: 3, y: -1)
    #expect(canvas.image[3, 0].red == 104)
    #expect(canvas.image[4, 1].red == 109)
    #expect(canvas.image[3, 2] == black)
    #expect(canvas.image[2, 0] == black)
    try canvas.paste(picture, x: -2, y: 4)
    #expect(canvas.image[0, 4].red == 102)
    try canvas.paste(picture, x: 50, y: 50)
    try canvas.paste(picture, x: .max, y: .min)
  }

  @Test func textStaysInItsBox() throws {
    var canvas = Canvas(width: 200, height: 60, color: black)
    let box = try Canvas.textSize("1500 matches", scale: 0.6)
    try canvas.draw(text: "1500 matches", x: 10, y: 30, scale: 0.6, color: white)
    let found = ink(canvas)
    #expect(found.area > 100)
    #expect(found.x > 10 && found.x < 10 + Double(box.width))
    #expect(found.y > 30 - Double(box.height) && found.y < 30)
  }

  @Test func encodersAreKnownByExtension() throws {
    #expect(ImageEncoder.canEncode(as: "x/y.png"))
    #expect(ImageEncoder.canEncode(as: "y.JPEG"))
    #expect(!ImageEncoder.canEncode(as: "y.xyz"))
    #expect(!ImageEncoder.canEncode(as: "folder.png/y"))
    #expect(!ImageEncoder.canEncode(as: "png"))
    let bytes = try Canvas(width: 3, height: 2, color: white).encoded(as: "a.png")
    #expect(Array(bytes.prefix(4)) == [0x89, 0x50, 0x4E, 0x47])
  }
}
