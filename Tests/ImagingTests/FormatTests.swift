// The kinds of files that are read beside those that the encoder writes: every pixel, and every cut refused.

import CCodecs
import TestSupport
import Testing

@testable import Imaging

@Suite struct FormatTests {
  private let palette = (0..<256).map { Color(red: UInt8($0), green: UInt8(255 - $0), blue: UInt8($0 / 2)) }

  /// The file is the picture in colour, and in grey by the weights of ITU-R BT.601; and whole, or refused.
  private func expect(
    _ file: [UInt8], cutAt share: Double? = 0.9, at location: SourceLocation = #_sourceLocation,
    _ expected: (_ x: Int, _ y: Int) -> Color = sampleColor
  ) throws {
    let reader = ImageReader(path: "test", bytes: file)
    let (color, gray) = (try reader.color(), try reader.gray())
    #expect([color.width, color.height] == [sampleWidth, sampleHeight], sourceLocation: location)
    #expect([gray.width, gray.height] == [sampleWidth, sampleHeight], sourceLocation: location)
    for y in 0..<sampleHeight {
      for x in 0..<sampleWidth {
        let pixel = expected(x, y)
        #expect(color[x, y] == pixel, "\(x), \(y)", sourceLocation: location)
        let brightness = 0.299 * Double(pixel.red) + 0.587 * Double(pixel.green) + 0.114 * Double(pixel.blue)
        #expect(abs(Double(gray.value(x, y)) - brightness) <= 0.51, "\(x), \(y)", sourceLocation: location)
      }
    }
    guard let share else { return }
    let cut = ImageReader(path: "test", bytes: Array(file.prefix(Int(Double(file.count) * share))))
    #expect(throws: ImagingError.self, sourceLocation: location) { try cut.gray() }
  }

  private func gray(_ value: Int) -> Color {
    Color(red: UInt8(value), green: UInt8(value), blue: UInt8(value))
  }

  // MARK: - BMP

  @Test(arguments: [false, true]) func bitmapsOfTrueColor(fromTop: Bool) throws {
    try expect(BitmapFile(bits: 24, fromTop: fromTop).bytes)
    try expect(BitmapFile(bits: 32, fromTop: fromTop).bytes)
  }

  /// Channels in another order than usual, between other bits.
  @Test func bitmapsWithMasks() throws {
    let masks = [0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000]
    for header in [40, 56, 108] {
      let file = BitmapFile(
        bits: 32, compression: 3, header: header, masks: Array(masks.prefix(header == 40 ? 3 : 4))
      ) { x, y in
        let color = sampleColor(x, y)
        return Int(color.red) | Int(color.green) << 8 | Int(color.blue) << 16 | 0x7700_0000
      }
      try expect(file.bytes)
    }
  }

  @Test func bitmapsOfSixteenBits() throws {
    func five(_ x: Int, _ y: Int) -> Int {
      let color = sampleColor(x, y)
      return (Int(color.red) >> 3) << 10 | (Int(color.green) >> 3) << 5 | Int(color.blue) >> 3
    }
    func upper(_ value: UInt8, _ bits: Int) -> UInt8 { value & ~(0xFF >> UInt8(bits)) }
    let expectFives = { (x: Int, y: Int) in
      let color = sampleColor(x, y)
      return Color(red: upper(color.red, 5), green: upper(color.green, 5), blue: upper(color.blue, 5))
    }
    try expect(BitmapFile(bits: 16, pixel: five).bytes, expectFives)
    try expect(
      BitmapFile(bits: 16, compression: 3, masks: [0x7C00, 0x3E0, 0x1F], pixel: five).bytes, expectFives)
    let file = BitmapFile(bits: 16, compression: 3, masks: [0xF800, 0x7E0, 0x1F]) { x, y in
      let color = sampleColor(x, y)
      return (Int(color.red) >> 3) << 11 | (Int(color.green) >> 2) << 5 | Int(color.blue) >> 3
    }
    try expect(file.bytes) { x, y in
      let color = sampleColor(x, y)
      return Color(red: upper(color.red, 5), green: upper(color.green, 6), blue: upper(color.blue, 5))
    }
  }

  @Test(arguments: [1, 4, 8], [12, 40]) func bitmapsWithPalette(bits: Int, header: Int) throws {
    let colors = Array(palette.reversed().prefix(1 << bits))
    let file = BitmapFile(bits: bits, header: header, palette: colors) { x, y in (x * y + x) % (1 << bits) }
    try expect(file.bytes) { x, y in colors[(x * y + x) % (1 << bits)] }
  }

  /// Runs, literal pixels and a jump over pixels that keep the first colour.
  @Test func bitmapsOfRunLengths() throws {
    let eight: [UInt8] =
      [16, 7, 0, 0] + [5, 9, 0, 11] + (20..<31).map { UInt8($0) } + [0, 0, 0]
      + [3, 40, 0, 2, 4, 1, 9, 50, 0, 0] + [0, 1]
    try expect(BitmapFile(bits: 8, compression: 1, palette: palette, data: eight).bytes, cutAt: 0.99) {
      x, y in
      switch sampleHeight - 1 - y {
      case 0: palette[7]
      case 1: palette[x < 5 ? 9 : 15 + x]
      case 2: palette[x < 3 ? 40 : 0]
      case 3: palette[x < 7 ? 0 : 50]
      default: palette[0]
      }
    }
    let four: [UInt8] = [16, 0x12, 0, 0] + [11, 0x33, 0, 5, 0x45, 0x67, 0x80, 0, 0, 0] + [0, 1]
    let few = Array(palette.prefix(16))
    try expect(BitmapFile(bits: 4, compression: 2, palette: few, data: four).bytes, cutAt: 0.99) { x, y in
      switch sampleHeight - 1 - y {
      case 0: few[x % 2 == 0 ? 1 : 2]
      case 1: few[x < 11 ? 3 : 4 + x - 11]
      default: few[0]
      }
    }
    let long = BitmapFile(bits: 8, compression: 1, palette: palette, data: [17, 7, 0, 1])
    #expect(throws: ImagingError.self) { try ImageReader(path: "test", bytes: long.bytes).gray() }
  }

  // MARK: - Netpbm and Sun raster

  private func every(_ value: (Int, Int) -> [Int]) -> [Int] {
    (0..<sampleHeight).flatMap { y in (0..<sampleWidth).flatMap { x in value(x, y) } }
  }

  private func color(_ x: Int, _ y: Int) -> [Int] {
    let color = sampleColor(x, y)
    return [Int(color.red), Int(color.green), Int(color.blue)]
  }

  private func text(_ values: [Int]) -> [UInt8] {
    Array(values.map(String.init).joined(separator: " \n").utf8)
  }

  @Test func portablePixmaps() throws {
    let start = Array("P6 # one\n#two\n16 12\n255\n".utf8)
    try expect(start + every(color).map { UInt8($0) })
    try expect(Array("P3\n16 12 255\n".utf8) + text(every(color)))
    let pam = "P7\nWIDTH 16\nHEIGHT 12\n# three\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    try expect(Array(pam.utf8) + every { color($0, $1) + [9] }.map { UInt8($0) })
  }

  @Test func portableGraymapsAndBitmaps() throws {
    let expected = { (x: Int, _: Int) in gray(17 * x) }
    try expect(Array("P5 16 12 15\n".utf8) + every { x, _ in [x] }.map { UInt8($0) }, expected)
    try expect(Array("P2 16 12 15\n".utf8) + text(every { x, _ in [x] }), expected)
    let isBlack = { (x: Int, y: Int) in (x * y) % 3 == 1 }
    let bits = every { x, y in [isBlack(x, y) ? 1 : 0] }
    let bilevel = { (x: Int, y: Int) in gray(isBlack(x, y) ? 0 : 255) }
    try expect(Array("P4 16 12\n".utf8) + packed(bits), bilevel)
    try expect(Array("P1 16 12\n".utf8) + bits.map { UInt8(48 + $0) }, bilevel)
    let pam = Array("P7\nWIDTH 16\nHEIGHT 12\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n".utf8)
    try expect(pam + bits.map { UInt8(1 - $0) }, bilevel)
  }

  @Test func deepGraymapsKeepTheirValues() throws {
    let values = every { x, y in [4000 * x + 20 * y] }
    for file in [
      Array("P5 16 12 65535\n".utf8) + values.flatMap { big($0, 2) },
      Array("P2 16 12 65535\n".utf8) + text(values),
    ] {
      let read = try ImageReader(path: "test", bytes: file).gray()
      #expect(read == gray16(16, 12) { 4000 * $0 + 20 * $1 })
      #expect(try ImageReader(path: "test", bytes: file).color()[15, 11].green == UInt8((60000 + 220) >> 8))
    }
  }

  @Test func sunRasters() throws {
    func file(bits: Int, type: Int, map: [UInt8] = [], _ data: [Int]) -> [UInt8] {
      [0x59, 0xA6, 0x6A, 0x95]
        + [sampleWidth, sampleHeight, bits, data.count, type, map.isEmpty ? 0 : 1, map.count].flatMap {
          big($0, 4)
        }
        + map + data.map { UInt8($0) }
    }
    try expect(file(bits: 24, type: 1, every { color($0, $1).reversed() }))
    try expect(file(bits: 32, type: 3, every { [9] + color($0, $1) }))
    try expect(file(bits: 8, type: 1, every { x, y in [x * y] })) { x, y in gray(x * y) }
    let map = palette.map(\.red) + palette.map(\.green) + palette.map(\.blue)
    try expect(file(bits: 8, type: 1, map: map, every { x, y in [x * y] })) { x, y in palette[x * y] }
  }

  // MARK: - JPEG 2000

  @Test func jpeg2000() throws {
    try expect(colorJPEG2000)
    try expect(grayCodeStream) { x, _ in gray(16 * x) }
    #expect(
      try ImageReader(path: "test", bytes: deepJPEG2000).gray() == gray16(16, 12) { 4000 * $0 + 20 * $1 })
    for count in stride(from: 1, to: colorJPEG2000.count, by: 7) {
      let cut = ImageReader(path: "test", bytes: Array(colorJPEG2000.prefix(count)))
      #expect(throws: ImagingError.self, "\(count) bytes") { try cut.gray() }
    }
  }

  // MARK: - TIFF

  @Test func tiffOfEveryDepth() throws {
    let expected = { (x: Int, _: Int) in gray(16 * x) }
    func bits(_ depth: Int, _ value: (Int, Int) -> Int) -> [UInt8] {
      packed(every { x, y in (0..<depth).reversed().map { value(x, y) >> $0 & 1 } })
    }
    try expect(StripFile(bits: [8], photometric: 1, data: bits(8) { x, _ in 16 * x }).bytes, expected)
    try expect(StripFile(bits: [8], photometric: 0, data: bits(8) { x, _ in 255 - 16 * x }).bytes, expected)
    try expect(StripFile(bits: [4], photometric: 1, data: bits(4) { x, _ in x }).bytes) { x, _ in gray(17 * x)
    }
    try expect(StripFile(bits: [1], photometric: 1, data: bits(1) { x, y in (x + y) % 2 }).bytes) { x, y in
      gray((x + y) % 2 * 255)
    }
    try expect(StripFile(bits: [8, 8, 8], photometric: 2, data: every(color).map { UInt8($0) }).bytes)
    let map = [\Color.red, \Color.green, \Color.blue].flatMap { channel in
      palette.map { Int($0[keyPath: channel]) * 257 }
    }
    let indexed = StripFile(bits: [8], photometric: 3, colorMap: map, data: bits(8) { x, y in x * y })
    try expect(indexed.bytes) { x, y in palette[x * y] }
    for depth in [10, 12, 14] {
      let file = StripFile(bits: [depth], photometric: 1, data: bits(depth) { x, y in 50 * x + y })
      let read = try ImageReader(path: "test", bytes: file.bytes).gray()
      #expect(read == gray16(16, 12) { (50 * $0 + $1) << (16 - depth) })
    }
    let deep = StripFile(
      bits: [16], photometric: 1, data: every { x, y in [4000 * x + y] }.flatMap { little($0, 2) })
    #expect(try ImageReader(path: "test", bytes: deep.bytes).gray() == gray16(16, 12) { 4000 * $0 + $1 })
  }

  // MARK: - Orientation

  /// JPEG, whose orientation another test checks, is the measure.
  @Test(arguments: 1...8) func orientationOfOtherFormats(orientation: Int) throws {
    let stored = ColorImage(
      width: sampleWidth, height: sampleHeight,
      pixels: every { color($0, $1).reversed() }.map { UInt8($0) })
    let jpeg = try ImageEncoder.encode(stored, as: "a.jpg", quality: 100)
    let measure = try ImageReader(path: "a", bytes: withOrientation(UInt8(orientation), jpeg)).gray()
    let webp = try ImageEncoder.encode(stored, as: "a.webp")
    var png = PNGFile(
      width: sampleWidth, height: sampleHeight, bitDepth: 8, colorType: 2,
      rows: (0..<sampleHeight).map { y in (0..<sampleWidth).flatMap { x in color(x, y).map { UInt8($0) } } })
    png.orientation = (UInt8(orientation), orientation % 2 == 0)
    let tiff = StripFile(
      bits: [8, 8, 8], photometric: 2, orientation: orientation, data: every(color).map { UInt8($0) })
    let deepTIFF = StripFile(
      bits: [16, 16, 16], photometric: 2, orientation: orientation,
      data: every(color).flatMap { little($0, 2) })
    for file in [
      withOrientation(UInt8(orientation), webp: webp, width: sampleWidth, height: sampleHeight), png.bytes,
      tiff.bytes, deepTIFF.bytes,
    ] {
      let read = try ImageReader(path: "b", bytes: file).gray()
      try #require([read.width, read.height] == [measure.width, measure.height])
      for y in 0..<read.height {
        for x in 0..<read.width { #expect(abs(read.value(x, y) - measure.value(x, y)) <= 6, "\(x), \(y)") }
      }
    }
  }

  // MARK: - The C functions

  @Test func badArgumentsAreRefused() {
    var image = cc_image()
    var file = cc_bytes()
    var reason = [CChar](repeating: 65, count: 8)
    let byte: [UInt8] = [0]
    #expect(cc_decode(nil, 0, CC_GRAY, &image, nil, 0) == CC_INVALID_ARGUMENT)
    #expect(cc_decode(byte, 1, CC_GRAY, nil, nil, 0) == CC_INVALID_ARGUMENT)
    #expect(cc_decode(byte, 1, cc_color(rawValue: 9), &image, nil, 0) == CC_INVALID_ARGUMENT)
    #expect(cc_decode(byte, 1, CC_GRAY, &image, &reason, 5) == CC_CANNOT_DECODE)
    #expect(reason[4] == 0 && reason[5...] == [65, 65, 65] && image.pixels == nil)
    #expect(cc_encode(nil, "png", 90, &file, nil, 0) == CC_INVALID_ARGUMENT)
    #expect(cc_encode(&image, "png", 90, &file, nil, 0) == CC_INVALID_ARGUMENT)
    var pixel: [UInt8] = [1, 2, 3]
    pixel.withUnsafeMutableBytes { pixels in
      var image = cc_image(width: 1, height: 1, channels: 3, bytes_per_value: 1, pixels: pixels.baseAddress)
      #expect(cc_encode(&image, "png", 0, &file, nil, 0) == CC_INVALID_ARGUMENT)
      #expect(cc_encode(&image, nil, 90, &file, nil, 0) == CC_INVALID_ARGUMENT)
      #expect(cc_encode(&image, "png", 90, nil, nil, 0) == CC_INVALID_ARGUMENT)
      #expect(cc_encode(&image, "gif", 90, &file, nil, 0) == CC_CANNOT_ENCODE)
      #expect(cc_encode(&image, "pgm", 90, &file, nil, 0) == CC_CANNOT_ENCODE)
      image.channels = 2
      #expect(cc_encode(&image, "png", 90, &file, nil, 0) == CC_INVALID_ARGUMENT)
    }
    #expect(file.data == nil)
    cc_image_free(nil)
    cc_bytes_free(nil)
  }
}
