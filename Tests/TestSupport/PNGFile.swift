// PNG files put together byte by byte: any header, palette, chunk and filter, valid or not, uncompressed or black.

/// A PNG file of any header, palette and samples.
package struct PNGFile {
  private let width: Int
  private let height: Int
  private let bitDepth: UInt8
  private let colorType: UInt8
  private let palette: [UInt8]
  private let rows: [[UInt8]]
  /// EXIF orientation, in a chunk before or after the picture.
  package var orientation: (value: UInt8, isAfterPicture: Bool)?

  /// - Parameters:
  ///   - width: what the header says.
  ///   - height: what the header says.
  ///   - bitDepth: bits a sample: 1, 2, 4, 8, 16.
  ///   - colorType: 0 grey, 2 RGB, 3 palette, 6 RGB and alpha.
  ///   - palette: RGB triples; empty leaves the chunk out.
  ///   - rows: each row without its filter byte.
  package init(
    width: Int, height: Int, bitDepth: UInt8, colorType: UInt8, palette: [UInt8] = [], rows: [[UInt8]]
  ) {
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.colorType = colorType
    self.palette = palette
    self.rows = rows
  }

  /// The file.
  package var bytes: [UInt8] { file(stored(rows.flatMap { [0] + $0 })) }

  /// A black picture of one bit a pixel, compressed about 150-fold.
  package static func black(width: Int, height: Int) -> [UInt8] {
    let picture = PNGFile(width: width, height: height, bitDepth: 1, colorType: 0, rows: [])
    return picture.file(picture.deflatedZeros(count: height * (1 + (width + 7) / 8)))
  }

  /// The file of these compressed samples.
  private func file(_ samples: [UInt8]) -> [UInt8] {
    let header: [UInt8] = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += chunk("IHDR", header)
    if !palette.isEmpty { file += chunk("PLTE", palette) }
    let exif = orientation.map { chunk("eXIf", Array("MM".utf8) + orientationDirectory($0.value)) } ?? []
    let isAfterPicture = orientation?.isAfterPicture ?? false
    file += isAfterPicture ? [] : exif
    file += chunk("IDAT", samples)
    file += isAfterPicture ? exif : []
    return file + chunk("IEND", [])
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

/// A TIFF directory after its byte order: orientation, and nothing else.
func orientationDirectory(_ orientation: UInt8) -> [UInt8] {
  [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
}
