// Picture files made byte by byte, for kinds that the encoder does not write. All hold one picture, 16 x 12 pixels: red
// 16x, green 20y, blue xy; those of few colours hold what is left of it.

import Foundation

@testable import Imaging

/// The pixel of column x, row y.
func sampleColor(_ x: Int, _ y: Int) -> Color {
  Color(red: UInt8(16 * x), green: UInt8(20 * y), blue: UInt8(x * y))
}

let (sampleWidth, sampleHeight) = (16, 12)

/// Little-endian bytes of a number.
func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Big-endian bytes of a number.
func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }

/// Bits to bytes, the first bit highest; the last byte is filled with zeros.
func packed(_ bits: [Int]) -> [UInt8] {
  stride(from: 0, to: bits.count, by: 8).map { start in
    (0..<8).reduce(0) { $0 << 1 | UInt8(start + $1 < bits.count ? bits[start + $1] : 0) }
  }
}

/// A BMP file.
struct BitmapFile {
  var bits = 24
  var compression = 0
  /// 12 is OS/2's.
  var header = 40
  /// Red, green, blue, alpha.
  var masks: [Int] = []
  var palette: [Color] = []
  var fromTop = false
  /// Pixel data; nil for the sample at this depth.
  var data: [UInt8]?
  /// The pixel of column x, row y as a number.
  var pixel: (_ x: Int, _ y: Int) -> Int = { x, y in
    let color = sampleColor(x, y)
    return Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue)
  }

  var bytes: [UInt8] {
    let (width, height) = (sampleWidth, sampleHeight)
    var rest = masks.flatMap { little($0, 4) }
    if header > 40 { rest += [UInt8](repeating: 0, count: header - 40 - rest.count) }
    rest += palette.flatMap { [$0.blue, $0.green, $0.red] + (header == 12 ? [] : [0]) }
    let pixels = data ?? (fromTop ? Array(0..<height) : (0..<height).reversed()).flatMap(row)
    let start = 14 + min(header, 40) + rest.count
    let size = little(width, header == 12 ? 2 : 4) + little(fromTop ? -height : height, header == 12 ? 2 : 4)
    var file = Array("BM".utf8) + little(start + pixels.count, 4) + [0, 0, 0, 0] + little(start, 4)
    file += little(header, 4) + size + [1, 0] + little(bits, 2)
    if header > 12 {
      file += little(compression, 4) + little(pixels.count, 4) + [UInt8](repeating: 0, count: 8)
      file += little(palette.count, 4) + [0, 0, 0, 0]
    }
    return file + rest + pixels
  }

  private func row(_ y: Int) -> [UInt8] {
    let values = (0..<sampleWidth).map { pixel($0, y) }
    let bytes =
      bits >= 8
      ? values.flatMap { little($0, bits / 8) }
      : packed(values.flatMap { value in (0..<bits).reversed().map { value >> $0 & 1 } })
    return bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}

/// A classic little-endian TIFF file of one strip.
struct StripFile {
  /// Bits of each sample.
  var bits: [Int]
  /// 0 and 1 grey, 2 RGB, 3 palette, 5 CMYK.
  var photometric: Int
  var orientation = 1
  var colorMap: [Int] = []
  var data: [UInt8]

  var bytes: [UInt8] {
    var fields: [(tag: Int, kind: Int, values: [Int])] = [
      (256, 4, [sampleWidth]), (257, 4, [sampleHeight]), (258, 3, bits), (259, 3, [1]),
      (262, 3, [photometric]),
      (273, 4, [0]), (274, 3, [orientation]), (277, 3, [bits.count]), (278, 4, [sampleHeight]),
      (279, 4, [data.count]),
    ]
    if !colorMap.isEmpty { fields.append((320, 3, colorMap)) }
    var blob: [UInt8] = []
    let after = 8 + 2 + 12 * fields.count + 4
    let long = fields.reduce(0) { $0 + ($1.kind == 3 && $1.values.count > 2 ? 2 * $1.values.count : 0) }
    var directory = little(fields.count, 2)
    for field in fields {
      let values = field.tag == 273 ? [after + long] : field.values
      let raw = values.flatMap { little($0, field.kind == 3 ? 2 : 4) }
      directory += little(field.tag, 2) + little(field.kind, 2) + little(values.count, 4)
      if raw.count <= 4 {
        directory += raw + [UInt8](repeating: 0, count: 4 - raw.count)
      } else {
        directory += little(after + blob.count, 4)
        blob += raw
      }
    }
    return [0x49, 0x49, 42, 0, 8, 0, 0, 0] + directory + [0, 0, 0, 0] + blob + data
  }
}

/// A WebP of a lossless picture with an EXIF chunk that states an orientation.
func withOrientation(_ orientation: UInt8, webp: [UInt8], width: Int, height: Int) -> [UInt8] {
  func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    Array(name.utf8) + little(data.count, 4) + data + (data.count % 2 == 0 ? [] : [0])
  }
  let exif: [UInt8] =
    Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
    + [0, 0, 0, 0]
  let body =
    Array("WEBP".utf8) + chunk("VP8X", [8, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
    + webp[12...] + chunk("EXIF", exif)
  return Array("RIFF".utf8) + little(body.count, 4) + body
}

/// The sample as JPEG 2000, a JP2 file without loss.
let colorJPEG2000 = decoded(
  """
  AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAADAAAABAAAwcHAAAAAAAPY29scgEAAAAAABAA
  AAG8anAyY/9P/1EALwAAAAAAEAAAAAwAAAAAAAAAAAAAABAAAAAMAAAAAAAAAAAAAwcBAQcBAQcBAf9SAAwAAAABAAAEBAAB/1wABEBA
  /2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAABRAAB/5PfgdARay1EKHBqNL6iVg515u0R/TpEfYY6
  wvmwnGLqSoUIEcV4grbr+Np6XTYrbr7zYdLpqjwsHeS8z/9/34LQEo636JgCnjyAwBmjxGu+lJJJm1diE3Of/3/+htRgjJrc5znOc5zn
  OcoyGUpOc5znOc50TEDbIMSk5znOc5zmEIAAAAAAAAAJzdzwSIgAAAAAAAAAAAAAKgB/34UyEVByPGu/+8ZtYW0Ln4dlKtBSmMAab12m
  8xiIuQw+vvWmwq2drAREozqVqHEYHHCMEj/72530H0TL561mpN1Lmmv2X09GvLOf2oaoY8XQR7Si7i9jshCj0HGnswmDz2KBPQzKUBi2
  PIFn6DgnEHW/sTkh8SHxIfEh8SHxIfEh8SHxIfEiAX2Xn199999999999999999999+//9k=
  """)

/// The sample's red alone as a bare JPEG 2000 code stream.
let grayCodeStream = decoded(
  """
  /0//UQApAAAAAAAQAAAADAAAAAAAAAAAAAAAEAAAAAwAAAAAAAAAAAABBwEB/1IADAAAAAEAAAQEAAH/XAAEQED/ZAAlAAFDcmVhdGVk
  IGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAABLAAH/k9+B0BFrLUQocGo0vqJWDnXm7RH9OkR9hjrC+bCcYupKhQgRxXiC
  tuv42npdNituvvNh0umqPCwd5LzP/3//2Q==
  """)

/// Grey of 16 bits, 4000x + 20y, as a JP2 file without loss.
let deepJPEG2000 = decoded(
  """
  AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAADAAAABAAAQ8HAAAAAAAPY29scgEAAAAAABEA
  AAGlanAyY/9P/1EAKQAAAAAAEAAAAAwAAAAAAAAAAAAAABAAAAAMAAAAAAAAAAAAAQ8BAf9SAAwAAAABAAAEBAAB/1wABECA/2QAJQAB
  Q3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAABMwAB/5Pf+JpCEjZXr31Zoo4GfVCRbdCkNq0/Yjmw8C0wQxRh
  Yn4Y7XW5AF5o8otw2IODiwLHYJ4JihtE70sIxpREfcWXHtsUUDH7cVMlf0TMSDkqb13vAH0ApZ1t0nFUpgAyHMjY0WZZ1BnSU+Igi9G8
  kOxIn8Nwr9eMBWa3PVpoCb9MWQQBekYI/Vn/ADGr00BH3VFnJFyw4x+0mWWzRRf8YU9ru4VaQNddD5MDl4gPbskS31t5wtmqCD+Qh19h
  vf83vQpvraCjirqrDD9vm7YIVdVX9V1Vfo+icRO80WGwY1qOwtvYoBT8reotvYoBT8reotvYoAggGVVVyFbKpUQzMzOJmqqlRDMzM4ma
  qpyqgAAAAAAAAAAAAAAAAAAAAAAAAAAAABWAP//Z
  """)

private func decoded(_ text: String) -> [UInt8] {
  Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
}
