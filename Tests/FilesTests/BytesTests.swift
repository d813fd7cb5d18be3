// Digests and checksums against published values, numbers in bytes, and their way back.

import Files
import Testing

@Suite struct BytesTests {
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func sha256(text: String, count: Int, digest: String) {
    let bytes = Array(String(repeating: text, count: count).utf8)
    #expect(SHA256.hexadecimal(of: bytes) == digest)
  }

  @Test func sha256OfEveryTailLength() {
    // Python: hashlib.sha256("".join(hashlib.sha256(bytes(range(n))).hexdigest() for n in range(130)).encode())
    let digests = (0..<130).map { count in SHA256.hexadecimal(of: (0..<count).map { UInt8($0) }) }
    #expect(
      SHA256.hexadecimal(of: digests.joined().utf8)
        == "86ad28dbfd993eaac93b418876265379dced3a4a051fe854038149afd8a13c2c")
  }
  @Test(arguments: [0, 1, 55, 56, 64, 1 << 20, 1 << 20 + 1]) func sha256InPieces(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
    let digest = SHA256()
    for start in stride(from: 0, to: count, by: 1000) {
      bytes[start..<min(start + 1000, count)].withUnsafeBytes { digest.update($0) }
    }
    #expect(digest.hexadecimal() == SHA256.hexadecimal(of: bytes))
  }

  @Test func crc32() {
    // The check value of the algorithm's parameters, and Python's zlib.crc32 of bytes that are not contiguous.
    #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
    #expect(CRC32.checksum([UInt8]()) == 0)
    #expect(CRC32.checksum((0..<256).lazy.map { UInt8($0) }) == 0x2905_8C73)
  }

  @Test func numbersAreLittleEndian() {
    var writer = ByteWriter([7])
    writer.append(UInt16(0x0102))
    writer.append(Int64(-2))
    writer.append(Float(1).bitPattern)
    writer.append("é")
    #expect(
      writer.bytes == [7, 2, 1, 0xFE] + [UInt8](repeating: 0xFF, count: 7) + [
        0, 0, 0x80, 0x3F, 2, 0, 0xC3, 0xA9,
      ])
  }

  @Test func readsWhatWasWrittenAndNothingBeyond() {
    var writer = ByteWriter([7])
    writer.append(UInt32.max - 1)
    writer.append(0.1.bitPattern)
    writer.append(Float(-0.5).bitPattern)
    writer.append("a\tb")
    writer.append(UInt16(3))
    writer.bytes += [1, 2]
    // A slice that does not start at 0.
    var reader = ByteReader(writer.bytes[1...])
    #expect(reader.integer(UInt32.self) == UInt32.max - 1)
    #expect(reader.double() == 0.1 && reader.float() == -0.5 && reader.text() == "a\tb")
    // A text of three bytes where two are left.
    #expect(reader.text() == nil && reader.remaining == 2 && !reader.isAtEnd)
    #expect(reader.take(-1) == nil && reader.integer(UInt32.self) == nil)
    #expect(reader.take(2) == [1, 2] && reader.isAtEnd && reader.integer(UInt8.self) == nil)
  }
}
