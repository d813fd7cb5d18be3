// Each way in which a zip archive can be wrong, and the exact error that it must give.

import Files
import Testing

@testable import Weights

@Suite struct HostileArchiveTests {
  private static let text = Array("some text, some text, some text".utf8)

  private func check(
    _ bytes: [UInt8], _ problem: ZipProblem, member: String? = "m",
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      throws: WeightsError.archive(source: source, member: member, problem: problem), sourceLocation: location
    ) {
      let archive = try archive(bytes)
      for name in archive.names { _ = try archive.content(of: name) }
    }
  }

  private func changed(_ change: (inout TestMember) -> Void) -> [UInt8] {
    var member = TestMember("m", Self.text)
    change(&member)
    return zip([member])
  }

  @Test(arguments: [false, true]) func soundArchiveIsRead(wide: Bool) throws {
    let stored = TestMember("stored", Self.text)
    let empty = TestMember("empty", [])
    let sound = try archive(
      zip([stored, TestMember("m", Self.text).deflated, empty, TestMember("e", []).deflated], wide: wide))
    #expect(sound.names == ["stored", "m", "empty", "e"])
    #expect(try sound.content(of: "stored") == Self.text)
    #expect(try sound.content(of: "m") == Self.text)
    #expect(try sound.content(of: "empty") == [])
    #expect(try sound.content(of: "e") == [])
    #expect(sound.count(of: "m") == Self.text.count)
    #expect(try sound.content(of: "other") == nil)
    #expect(try archive(zip([], wide: wide)).names == [])
  }

  @Test(arguments: [false, true]) func truncatedAnywhere(wide: Bool) throws {
    let bytes = zip([TestMember("stored", Self.text), TestMember("m", Self.text).deflated], wide: wide)
    for count in 0..<bytes.count {
      #expect(throws: WeightsError.archive(source: source, member: nil, problem: .noEndRecord), "\(count)") {
        try archive(Array(bytes.prefix(count)))
      }
    }
  }

  @Test func bytesMovedOrAdded() {
    let member = TestMember("m", Self.text)
    check([0] + zip([member]), .directoryOutside, member: nil)
    check(zip([member], tail: [0]), .noEndRecord, member: nil)
    check(zip([member], shift: 1), .directoryOutside, member: nil)
    check(zip([member], shift: .max), .directoryOutside, member: nil)
  }

  @Test func counts() {
    let member = TestMember("m", Self.text)
    check(zip([member], count: 2), .directoryMalformed(entry: 1), member: nil)
    check(zip([member], count: 0), .directoryMalformed(entry: 0), member: nil)
    check(zip([member, TestMember("n", [])], count: 1), .directoryMalformed(entry: 1), member: nil)
  }

  @Test func checksum() {
    check(
      changed { $0.checksum ^= 1 },
      .checksum(expected: CRC32.checksum(Self.text) ^ 1, found: CRC32.checksum(Self.text)))
    var data = Self.text
    data[3] ^= 0x20
    check(
      changed { $0.data = data }, .checksum(expected: CRC32.checksum(Self.text), found: CRC32.checksum(data)))
  }

  @Test func namesAndFlags() {
    let member = TestMember("m", Self.text)
    check(zip([member, member]), .duplicate)
    check(changed { $0.name = [0xFF] }, .nameNotText(entry: 0), member: nil)
    check(changed { $0.name = [] }, .nameNotText(entry: 0), member: nil)
    check(changed { $0.name = [0x61, 0] }, .nameNotText(entry: 0), member: nil)
    check(changed { $0.flags = 1 }, .encrypted)
    check(changed { $0.disk = 1 }, .severalDisks)
    check(changed { $0.method = 12 }, .method(12))
    check(changed { $0.localName = [0x6E] }, .localHeader)
    check(changed { $0.localSignature = 0 }, .localHeader)
    check(changed { $0.localName = [0x6D, 0x6D] }, .localHeader)
  }

  @Test func sizes() {
    check(changed { $0.count += 1 }, .storedSizes(stored: 31, declared: 32))
    check(changed { ($0.storedCount, $0.count) = (1 << 20, 1 << 20) }, .outside)
    check(
      changed { ($0.storedCount, $0.count) = (1 << 30, 1 << 30) }, .tooLarge(bytes: 1 << 30, limit: 1 << 29))
    check(changed { $0.offset = .max - 1 }, .outside)
    check(changed { $0.offset = 1 }, .localHeader)
    // 64-bit sizes that are announced and missing.
    check(changed { $0.count = .max }, .directoryMalformed(entry: 0), member: nil)
    check(
      changed { member in
        (member.storedCount, member.count) = (.max, .max)
        member.extra = [1, 0, 16, 0] + littleEndian(UInt64.max) + littleEndian(UInt64.max)
      }, .directoryMalformed(entry: 0), member: nil)
  }

  @Test func wideSizesAreRead() throws {
    let bytes = changed { member in
      member.extra = [9, 9, 1, 0, 7, 1, 0, 16, 0] + littleEndian(UInt64(31)) + littleEndian(UInt64(31))
      (member.storedCount, member.count) = (.max, .max)
    }
    #expect(try archive(bytes).content(of: "m") == Self.text)
  }

  @Test func overlap() {
    // Two names for one run of bytes.
    var inner = TestMember("m", Self.text)
    inner.offset = 0
    inner.localName = Array("n".utf8)
    check(zip([TestMember("n", Self.text), inner]), .localHeader)
    // A member inside of another's data.
    let nested = Array(zip([TestMember("m", [1, 2, 3])]).prefix(34))
    var claimed = TestMember("m", [1, 2, 3])
    claimed.offset = 31
    check(zip([TestMember("o", nested), claimed]), .overlap(other: "o"))
    // Into the list of members.
    check(changed { ($0.storedCount, $0.count) = (32, 32) }, .outside)
  }

  @Test func bombs() throws {
    let zeros = TestMember("m", [UInt8](repeating: 0, count: 1 << 20)).deflated
    #expect(zeros.data.count < 1100)
    var bomb = zeros
    bomb.count = 1 << 29  // more than the data can grow to
    check(zip([bomb]), .impossibleRatio(stored: zeros.data.count, declared: 1 << 29))
    bomb.count = 1 << 30
    check(zip([bomb]), .tooLarge(bytes: 1 << 30, limit: 1 << 29))
    bomb.count = 1000  // grows beyond what it declares
    check(zip([bomb]), .inflatedSize(declared: 1000))
    bomb.count = 1 << 20 + 1
    check(zip([bomb]), .inflatedSize(declared: 1 << 20 + 1))
    // Each within its limit, together too large.
    let many = (0..<9).map { index in
      var member = zeros
      member.name = Array("m\(index)".utf8)
      member.data = [UInt8](repeating: 0, count: 1 << 19)
      (member.storedCount, member.count) = (1 << 19, 1 << 29)
      return member
    }
    check(zip(many), .totalTooLarge(bytes: 9 << 29, limit: 1 << 32), member: nil)
  }

  @Test func deflatedData() {
    var member = TestMember("m", Self.text).deflated
    let sound = member.data
    member.data = sound.dropLast()
    member.storedCount -= 1
    check(zip([member]), .inflatedSize(declared: 31))
    member.data = sound + [0]
    member.storedCount += 2
    check(zip([member]), .inflatedSize(declared: 31))
    member.data = [UInt8](repeating: 0xFF, count: sound.count)
    member.storedCount = UInt32(sound.count)
    check(zip([member]), .notDeflate)
  }
}
