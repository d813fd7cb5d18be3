// Pictures for the tests, made here: blocks of random brightness, which the network matches well, plain grey, and
// files that OpenCV does not write (palette-free PNG of any depth and colour type, EXIF orientation, CMYK).

import Foundation
import Imaging

/// 8 x 8 pixel blocks of pseudo-random brightness, 40 to 215, which survive any JPEG compression.
func blockBrightness(_ x: Int, _ y: Int) -> UInt8 {
  var value =
    UInt32(truncatingIfNeeded: x / 8) &* 2_654_435_761 &+ UInt32(truncatingIfNeeded: y / 8) &* 2_246_822_519
  value ^= value >> 15
  value = value &* 2_246_822_519
  value ^= value >> 13
  return UInt8(40 + value % 176)
}

/// A grey picture of such blocks.
func blocks(width: Int = 160, height: Int = 160) -> GrayImage { gray(width, height, blockBrightness) }

/// A grey picture of one brightness.
func plain(_ width: Int, _ height: Int) -> GrayImage { gray(width, height) { _, _ in 128 } }

/// A grey picture of 8 bits from a formula.
func gray(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> UInt8) -> GrayImage {
  var pixels: [UInt8] = []
  pixels.reserveCapacity(width * height)
  for y in 0..<height { for x in 0..<width { pixels.append(value(x, y)) } }
  return GrayImage(width: width, height: height, pixels: .bits8(pixels))
}

/// The blocks at 16 bits.
func deepBlocks(width: Int = 160, height: Int = 160) -> GrayImage {
  guard case .bits8(let values) = blocks(width: width, height: height).pixels else { return plain(1, 1) }
  return GrayImage(width: width, height: height, pixels: .bits16(values.map { UInt16($0) * 257 }))
}

/// A PNG put together byte by byte.
struct PNGFile {
  let width: Int
  let height: Int
  /// Bits of a sample: 1, 8, 16.
  let bitDepth: UInt8
  /// 0 grey, 2 RGB, 6 RGB and alpha.
  let colorType: UInt8

  /// The file whose pixel data, filter bytes included, are already compressed.
  func bytes(deflated data: [UInt8]) -> [UInt8] {
    let header = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", data)
      + chunk("IEND", [])
  }

  /// The file of these rows, each without its filter byte.
  func bytes(rows: [[UInt8]]) -> [UInt8] { bytes(deflated: stored(rows.flatMap { [0] + $0 })) }

  /// The black picture of 1 bit: its data are zeros only, compressed about 150-fold.
  var blackBytes: [UInt8] { bytes(deflated: deflatedZeros(count: height * (1 + (width + 7) / 8))) }

  private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return bigEndian(data.count) + body + bigEndian(Int(~crc))
  }

  /// Uncompressed blocks (at most 65535 bytes each) in a zlib wrapper.
  private func stored(_ data: [UInt8]) -> [UInt8] {
    var (low, high) = (1, 0)
    for byte in data {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    var result: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: data.count, by: 65535) {
      let block = data[start..<min(start + 65535, data.count)]
      let length = [UInt8(block.count & 255), UInt8(block.count >> 8)]
      result += [start + block.count == data.count ? 1 : 0] + length + length.map { ~$0 } + block
    }
    return result + bigEndian(high << 16 | low)
  }

  /// Zeros in one block of fixed codes: literals, then copies of 258 bytes from one byte back.
  private func deflatedZeros(count: Int) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    var (pending, bits) = (0, 0)
    func append(_ value: Int, _ length: Int) {
      pending |= value << bits
      bits += length
      while bits >= 8 {
        result.append(UInt8(pending & 255))
        pending >>= 8
        bits -= 8
      }
    }
    append(0b011, 3)  // the last block, fixed codes
    let literals = 1 + (count - 1) % 258
    for _ in 0..<literals { append(0b0000_1100, 8) }  // code 00110000 of literal 0, first bit first
    // Code 11000101 of length 258, first bit first, then distance 1.
    for _ in 0..<(count - literals) / 258 { append(0b0_1010_0011, 13) }
    append(0, 7)  // the end of the block
    append(0, 7)  // fills the last byte
    return result + bigEndian((count % 65521) << 16 | 1)
  }

  private func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }
}

/// A JPEG with an EXIF segment that states an orientation (1...8), inserted after SOI.
func withOrientation(_ orientation: UInt8, _ jpeg: [UInt8]) -> [UInt8] {
  let header = Array("Exif".utf8) + [0, 0] + Array("MM".utf8)
  let directory: [UInt8] = [
    0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
  ]
  let length = header.count + directory.count + 2
  let marker: [UInt8] = [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)]
  return jpeg[..<2] + marker + header + directory + jpeg[2...]
}

/// The blocks, 160 x 160 pixels, as CMYK with equal C, M and Y, and no K.
let cmykBlocks: [UInt8] = Array(
  Data(
    base64Encoded: """
      /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAUDg8SDw0UEhASFxUUGB4yIR4cHB49LC4kMklATEtHQEZFUFpzYlBVbVZFRmSIZW13e4GC
      gU5gjZeMfZZzfoF8/8AAFAgAoACgBEMRAE0RAFkRAEsRAP/EABsAAAMBAQEBAQAAAAAAAAAAAAAFBgQDAgEH/8QAFBABAAAAAAAA
      AAAAAAAAAAAAAP/aAA4EQwBNAFkASwAAPwCcTicWatVqtBiYmIRKJRIUqlUoY2NjDCwsIVisVgTqdTocXFxD6+vobGxsDW1tYa2t
      rCGQyGC+Xy+BeXl4S6XS4Nzc3Dg4OAampqDy8vINTU1DW1tYRSKRQUSiUQTicTgXK5XIeHh4Dq6uoRCIRAMTExDIyMgVisVgenp6
      DOzs4aGhoDi4uIQyGQwPT09Dm5uYdXV1Dy8vIUikUgfn78/fn4UqlUoZmZmBwcHAS6XS4UKhUIe3t7Dc3NweXl5CcTicBeXl4Vyu
      VwYmJiBMTEwNTU1B2dnYZ2dnBWVlYOTk5CCQSCC4XC4BaWloJSUlBwcHAKCgoDExMQOTk5CoVCoBKSkoY2NjBeXl4cHBwBubm4e3
      t7B8fHwTKZTIMTExBUVFQdnZ2BQUFAVisVgb29vCLRaLB0dHQT6fT4NDQ0DExMQaGhoBmZmYPDw8CdTqdBUVFQNTU1D29vYcnJyB
      aWloenp6DOzs4U6nU4KCgoDm5uYNzc3BqamoYWFhDo6OgcHBwBOTk4eHh4DAwMAa2trDQ0NALy8vCuVyuDGxsYcXFxDu7u4e3t7B
      oaGgZWVlBMTEwfHx8D09PQNzc3CPR6PBmZmYVisVgQyGQwPDw8BSUlIU6nU4ampqBEREQY2NjB0dHQSKRSIb29vDGxsYWq1WoKCg
      oDMzMwLS0tChUKhDS0tISyWSwMzMzBISEgNDQ0Dk5OQOzs7Dg4OAISEhCnU6nDQ0NARyORwVKpVITyeTwVarVYTqdToYGBgB6eno
      ZGRkBubm4bm5uCXS6XChUKhDm5uYenp6CcTicBaWloXK5XIRKJRIbW1tDs7OwVarVYSSSSQcHBwB8fHwNjY2CAQCAC+Xy+CDQaDC
      4XC4DKysoRqNRoUajUYTyeTwaWlpCvV6vDi4uIR6PR4dnZ2DGxsYNjY2Da2toUKhUIAAKSkpCdTqdDKysoPz8/BoaGgbGxsCGQyG
      C1Wq1DKysoKioqDw8PAeXl5BMTEwV6vV4Z2dnDc3NwRaLRYaWlpDy8vIUSiUQfHx8Bubm4Y2NjDy8vIKSkpCoVCoCbTabBWVlYY2
      NjC9Xq9BOTk4Pj4+BCQkIMjIyDa2toZGRkCLRaLBiYmILS0tDU1NQZmZmBoaGgZGRkDm5uYPT09BqamoRiMRgPDw8Du7u4KCgoB4
      eHgISEhDCwsIWq1WoeXl5CXS6XCiUSiDOzs4d3d3BgYGARiMRgY2NjBmZmYV6vV4TCYTAOjo6BCQkINDQ0CWSyWCyWSyDCwsIfHx
      8Dw8PAT6fT4XK5XISyWSwc3NzCtVqtBMTEwc3NzBISEgUajUYbm5uBWVlYMDAwCUSiUBwcHAbGxsDm5uYTCYTAVSqVQZ2dnDs7Ow
      S6XS4fob9DfoYc3NzD29vYYmJiDa2toKSkpDGxsYAATyeTwXi8XgaWlpDGxsYSiUSgWq1WoICAgDS0tIAAeHh4Dy8vINDQ0CRSKR
      CoVCoCMRiMC5XK5Di4uIRqNRoOzs7DKysoUqlUoTqdToeHh4Du7u4Ly8vBgYGAZWVlBiYmIIiIiDw8PAOjo6Di4uIc3NzCkUikBS
      UlILS0tDOzs4Ojo6CgUCgAACdTqdBoaGgLi4uChUKhDCwsIampqDk5OQampqBUVFQJiYmDk5OQUymUwJCQkBcXFwODg4DS0tIZGR
      kB4eHgcHBwCORyOCxWKxCMRiMC6XS6AABSUlIOjo6CNRqNDo6OgPDw8DOzs4Pj4+BUVFQJSUlB6enodHR0D29vYJSUlBUVFQWi0W
      gJSUlB2dnYQKBQIfoL9BfoISaTSYPDw8BcXFwOTk5BMTEwc3NzBISEgeXl5Du7u4VSqVQcnJyDGxsYbm5uBQUFAKioqD/9k=
      """, options: .ignoreUnknownCharacters) ?? Data())
