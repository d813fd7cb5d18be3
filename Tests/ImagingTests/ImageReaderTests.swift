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

  @Test(arguments: ["a.png", "a.bmp", "a.tif", "a.webp", "a.ppm", "a.jpg", "A.JPG"])
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
