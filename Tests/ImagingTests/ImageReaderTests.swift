// What the reader makes of good files.

import Testing
import TestSupport

@testable import Imaging

@Suite struct ImageReaderTests {
  private func gray(_ bytes: [UInt8]) throws -> GrayImage {
    try ImageReader(path: "test", bytes: bytes).gray()
  }

  @Test func grayPNGKeepsEveryPixel() throws {
    let image = gray8(37, 21) { ($0 * 7 + $1 * 13) % 256 }
    #expect(try gray(ImageEncoder.encode(image, as: "a.png")) == image)
  }

  @Test func sixteenBitPNGKeepsItsDepth() throws {
    let image = gray16(19, 11) { $0 * 3000 + $1 * 17 }
    let read = try gray(ImageEncoder.encode(image, as: "a.png"))
    #expect(read == image)
    #expect(read.floatPixels()[18] == Float(54000) / 65535)
    // In colour the same file has 8 bits.
    let color = try ImageReader(path: "a.png", bytes: ImageEncoder.encode(image, as: "a.png")).color()
    #expect(abs(Int(color[18, 0].green) - 54000 / 257) <= 1)
  }

  @Test func sixteenBitColorBecomesSixteenBitGray() throws {
    let high: [UInt8] = [0x80, 0x00, 0x80, 0x00, 0x80, 0x00]
    let file = PNGFile(width: 2, height: 1, bitDepth: 16, colorType: 2, rows: [high + [0, 0, 0, 0, 0, 0]])
    let read = try gray(file.bytes)
    #expect(abs(read.value(0, 0) - 0x8000) <= 1)
    #expect(read.value(1, 0) == 0)
    guard case .bits16 = read.pixels else {
      Issue.record("16 bits expected")
      return
    }
  }

  @Test func alphaIsDropped() throws {
    let row: [UInt8] = [200, 200, 200, 0, 50, 50, 50, 128]
    let file = PNGFile(width: 2, height: 1, bitDepth: 8, colorType: 6, rows: [row]).bytes
    let read = try gray(file)
    #expect([read.value(0, 0), read.value(1, 0)] == [200, 50])
    let color = try ImageReader(path: "a.png", bytes: file).color()
    #expect(color[0, 0] == Color(red: 200, green: 200, blue: 200))
  }

  @Test func paletteIsApplied() throws {
    let file = PNGFile(
      width: 3, height: 2, bitDepth: 8, colorType: 3, palette: [10, 10, 10, 90, 90, 90, 250, 0, 0],
      rows: [[0, 1, 2], [2, 1, 0]]
    ).bytes
    let read = try gray(file)
    #expect([read.value(0, 0), read.value(1, 0), read.value(2, 1)] == [10, 90, 10])
    #expect(abs(read.value(2, 0) - 75) <= 1)  // 0.299 * 250
    #expect(try ImageReader(path: "a.png", bytes: file).color()[0, 1] == Color(red: 250, green: 0, blue: 0))
  }

  @Test func cmykIsConverted() throws {
    let read = try gray(cmykJPEG)
    #expect(read.width == 16 && read.height == 16)
    #expect(abs(read.value(3, 8) - 55) < 8)
    #expect(abs(read.value(12, 8) - 235) < 8)
  }

  @Test func progressiveJPEGIsRead() throws {
    let read = try gray(progressiveJPEG)
    #expect(read.width == 40 && read.height == 24)
    #expect(abs(read.value(20, 4) - 120) < 20)
  }

  /// The brightness of the quadrants (top left, top right, bottom left, bottom right) after each orientation,
  /// numbered as stored; EXIF 2.3, tag 0x0112.
  static let orientations: [(UInt8, [Int])] = [
    (1, [0, 1, 2, 3]), (2, [1, 0, 3, 2]), (3, [3, 2, 1, 0]), (4, [2, 3, 0, 1]),
    (5, [0, 2, 1, 3]), (6, [2, 0, 3, 1]), (7, [3, 1, 2, 0]), (8, [1, 3, 0, 2]),
  ]

  /// Turned files go through imgcodecs, others through libturbojpeg: the values must be the same.
  @Test(arguments: [0.0, 0.37]) func bothJPEGDecodersAgree(color: Double) throws {
    let (width, height) = (77, 53)
    let pixels = (0..<width * height * 3).map { index in
      let (place, channel) = (index / 3, index % 3)
      let (x, y) = (place % width, place / width)
      return UInt8(128 + (x * y * 7 + x * 13) % 97 - 48 + Int(60 * color) * (channel - 1))
    }
    let stored = ColorImage(width: width, height: height, pixels: pixels)
    for quality in [60, 95] {
      let file = try ImageEncoder.encode(stored, as: "a.jpg", quality: quality)
      let (plain, turned) = (
        ImageReader(path: "a", bytes: file), ImageReader(path: "b", bytes: withOrientation(3, file))
      )
      #expect(try QuarterTurns(2).turned(turned.gray()) == plain.gray())
      #expect(try QuarterTurns(2).turned(turned.color()) == plain.color())
    }
  }

  /// Files with EXIF data go through imgcodecs, others through libpng itself: the values must be the same.
  @Test(arguments: [UInt8(0), 2], [nil, 45455, 100_000]) func bothPNGDecodersAgree(
    colorType: UInt8, gamma: Int?
  ) throws {
    let (width, height) = (37, 23)
    let rowBytes = width * (colorType == 0 ? 1 : 3)
    func sample(_ x: Int, _ y: Int) -> UInt8 { UInt8((x * x * 7 + y * 29 + x * y) & 255) }
    let rows = (0..<height).map { y in (0..<rowBytes).map { sample($0, y) } }
    var file = PNGFile(
      width: width, height: height, bitDepth: 8, colorType: colorType, rows: rows, gamma: gamma)
    let plain = ImageReader(path: "a", bytes: file.bytes)
    for isAfterPicture in [false, true] {
      // Whether imgcodecs turns it depends on its version.
      for orientation in [UInt8(1), 3] {
        file.orientation = (orientation, isAfterPicture)
        let other = ImageReader(path: "b", bytes: file.bytes)
        let turned = try QuarterTurns(2).turned(other.gray())
        #expect(try other.gray() == plain.gray() || (orientation == 3 && turned == plain.gray()))
        let turnedColor = try QuarterTurns(2).turned(other.color())
        #expect(try other.color() == plain.color() || (orientation == 3 && turnedColor == plain.color()))
      }
    }
    if colorType == 0 { #expect(try plain.gray().value(5, 7) == Int(rows[7][5])) }
    let pixel = try plain.color()[5, 7]
    let expected = colorType == 0 ? [UInt8](repeating: rows[7][5], count: 3) : Array(rows[7][15..<18])
    #expect([pixel.red, pixel.green, pixel.blue] == expected)
  }

  @Test(arguments: orientations)
  func orientationIsHonoured(orientation: UInt8, quadrants: [Int]) throws {
    let levels = [20, 90, 160, 230]
    let stored = gray8(48, 32) { x, y in levels[(y < 16 ? 0 : 2) + (x < 24 ? 0 : 1)] }
    let file = try withOrientation(orientation, ImageEncoder.encode(stored, as: "a.jpg"))
    let read = try gray(file)
    let color = try ImageReader(path: "a.jpg", bytes: file).color()
    let size = orientation < 5 ? [48, 32] : [32, 48]
    #expect([read.width, read.height] == size)
    #expect([color.width, color.height] == size)
    for (place, quadrant) in quadrants.enumerated() {
      let x = read.width * (place % 2 == 0 ? 1 : 3) / 4
      let y = read.height * (place < 2 ? 1 : 3) / 4
      #expect(abs(read.value(x, y) - levels[quadrant]) < 10)
      #expect(abs(Int(color[x, y].red) - levels[quadrant]) < 10)
    }
  }

  @Test(arguments: ["a.png", "a.bmp", "a.tif", "a.webp", "a.jpg", "A.JPG"])
  func formatsAreReadInColor(name: String) throws {
    let image = ColorImage(width: 24, height: 16, color: Color(red: 200, green: 100, blue: 30))
    let read = try ImageReader(path: name, bytes: ImageEncoder.encode(image, as: name, quality: 95)).color()
    #expect([read.width, read.height] == [24, 16])
    let pixel = read[12, 8]
    #expect(abs(Int(pixel.red) - 200) < 8 && abs(Int(pixel.green) - 100) < 8 && abs(Int(pixel.blue) - 30) < 8)
  }

  @Test func onePixelIsAPicture() throws {
    let file = try ImageEncoder.encode(gray8(1, 1) { _, _ in 77 }, as: "a.png")
    #expect(try gray(file).floatPixels() == [77.0 / 255])
  }

  @Test func bytesAfterTheEndAreFine() throws {
    let jpeg = try ImageEncoder.encode(gray8(64, 48) { $0 + $1 }, as: "a.jpg")
    #expect(try gray(jpeg + jpeg + [1, 2, 3]) == gray(jpeg))
  }

  @Test(arguments: [("graf1.png", 800, 640), ("aloeL.jpg", 1282, 1110)])
  func samplePicturesAreRead(name: String, width: Int, height: Int) throws {
    let read = try ImageReader(path: SamplePictures.path(name)).gray()
    #expect([read.width, read.height] == [width, height])
  }
}
