// Pictures for the tests, made here: PNG byte by byte (stored deflate blocks), JPEG orientation by an inserted EXIF
// segment, and two tiny JPEG files of our own making that OpenCV cannot encode.

import Foundation
import Testing

@testable import Imaging

/// The sample pictures of the Debian package opencv-doc, which `make test` installs.
enum SamplePictures {
  static let folder = "/usr/share/doc/opencv-doc/examples/data/"

  static func path(_ name: String) throws -> String {
    let path = folder + name
    try #require(FileManager.default.fileExists(atPath: path), "install the package opencv-doc")
    return path
  }
}

/// PNG files with any header, palette and samples.
struct PNGFile {
  var width: Int
  var height: Int
  var bitDepth: UInt8
  /// 0 grey, 2 RGB, 3 palette, 6 RGB and alpha.
  var colorType: UInt8
  var palette: [UInt8] = []
  /// Each row without its filter byte.
  var rows: [[UInt8]]
  /// Hundred thousandths; nil leaves the chunk out.
  var gamma: Int?
  /// EXIF orientation, in a chunk before or after the picture.
  var orientation: (value: UInt8, isAfterPicture: Bool)?

  var bytes: [UInt8] {
    let header: [UInt8] = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += chunk("IHDR", header)
    if let gamma { file += chunk("gAMA", bigEndian(gamma)) }
    if !palette.isEmpty { file += chunk("PLTE", palette) }
    let exif = orientation.map { chunk("eXIf", Array("MM".utf8) + orientationDirectory($0.value)) } ?? []
    let isAfterPicture = orientation?.isAfterPicture ?? false
    file += isAfterPicture ? [] : exif
    file += chunk("IDAT", deflated(rows.flatMap { [0] + $0 }))
    file += isAfterPicture ? exif : []
    file += chunk("IEND", [])
    return file
  }

  private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return bigEndian(data.count) + body + bigEndian(Int(~crc))
  }

  /// One stored block (at most 65535 bytes) in a zlib wrapper.
  private func deflated(_ data: [UInt8]) -> [UInt8] {
    precondition(data.count <= 65535)
    var (low, high) = (1, 0)
    for byte in data {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    let length = [UInt8(data.count & 255), UInt8(data.count >> 8)]
    let start: [UInt8] = [0x78, 0x01, 0x01] + length + length.map { ~$0 }
    return start + data + bigEndian(high << 16 | low)
  }

  private func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
  }
}

/// A TIFF directory after its byte order: orientation, and nothing else.
private func orientationDirectory(_ orientation: UInt8) -> [UInt8] {
  [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
}

/// A JPEG with an EXIF segment that states an orientation (1...8), inserted after SOI.
func withOrientation(_ orientation: UInt8, _ jpeg: [UInt8]) -> [UInt8] {
  let header: [UInt8] = Array("Exif".utf8) + [0, 0] + Array("MM".utf8)
  let directory = orientationDirectory(orientation)
  let length = header.count + directory.count + 2
  let marker: [UInt8] = [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)]
  return Array(jpeg[..<2]) + marker + header + directory + Array(jpeg[2...])
}

/// 16 x 16 pixels of CMYK: left half dark (about 55), right half bright (about 235).
let cmykJPEG: [UInt8] = decoded(
  """
  /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUV
  FQwPFxgWFBgSFBUU/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAJCP/EABQQAQAAAAAAAAAAAAAA
  AAAAAAD/2gAOBEMATQBZAEsAAD8Aqmqmqmx4AvAAg+AvA//Z
  """)

/// 40 x 24 grey pixels, progressive.
let progressiveJPEG: [UInt8] = decoded(
  """
  /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO
  UlNSMj5aYVpQYEpRUk//wgALCAAYACgBAREA/8QAFwABAQEBAAAAAAAAAAAAAAAABAAGBf/aAAgBAQAAAAHPPc9/FqtAEAAf/8QA
  GRABAQEBAQEAAAAAAAAAAAAAAAISFBMV/9oACAEBAAEFAoQhCHzMuXLOXtl35Wta1v/EABoQAAEFAQAAAAAAAAAAAAAAAAAQIDIz
  oqH/2gAIAQEABj8CbdknxIlWnf/EABoQAAIDAQEAAAAAAAAAAAAAAABxIGHwEYH/2gAIAQEAAT8hiBrbHxb0e9HsqQP/2gAIAQEA
  AAAQMCf/xAAaEAEBAQEBAQEAAAAAAAAAAAAAQYFxwRFh/9oACAEBAAE/EIQhCGVw4HPrA/PjK58YHBSlKU//2Q==
  """)

private func decoded(_ text: String) -> [UInt8] {
  Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
}

/// A grey picture from a formula.
func gray8(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> Int) -> GrayImage {
  var pixels: [UInt8] = []
  for y in 0..<height { for x in 0..<width { pixels.append(UInt8(clamping: value(x, y))) } }
  return GrayImage(width: width, height: height, pixels: .bits8(pixels))
}

/// A grey picture of 16 bits from a formula.
func gray16(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> Int) -> GrayImage {
  var pixels: [UInt16] = []
  for y in 0..<height { for x in 0..<width { pixels.append(UInt16(clamping: value(x, y))) } }
  return GrayImage(width: width, height: height, pixels: .bits16(pixels))
}

extension GrayImage {
  /// The pixel as stored.
  func value(_ x: Int, _ y: Int) -> Int {
    switch pixels {
    case .bits8(let values): Int(values[y * width + x])
    case .bits16(let values): Int(values[y * width + x])
    }
  }
}
