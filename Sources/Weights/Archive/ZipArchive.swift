import Files

/// A zip archive whose central directory has been checked: names are unique, no two members share a byte, and the file
/// can hold every declared size. Members are read one by one, and their checksums verified then. PyTorch stores members
/// uncompressed; repacked archives may deflate them.
struct ZipArchive: Sendable {
  static let maximumMembers = 100_000
  /// Central directory, bytes.
  static let maximumDirectory = 1 << 24
  /// All members' contents together, bytes.
  static let maximumTotal = 1 << 32

  private let file: any ByteSource
  private let members: [String: Place]
  /// In directory order.
  let names: [String]

  private struct Place: Sendable {
    let data: Range<Int>
    let count: Int
    let checksum: UInt32
    let isDeflated: Bool
  }

  /// Reads the central directory and every member's header.
  init(_ file: some ByteSource) throws(WeightsError) {
    func problem(_ problem: ZipProblem, _ member: String? = nil) -> WeightsError {
      .archive(source: file.name, member: member, problem: problem)
    }
    let end = try ZipEndRecord(file)
    guard end.directory.count <= Self.maximumDirectory else {
      throw problem(.tooManyMembers(count: end.memberCount, limit: Self.maximumMembers))
    }
    var cursor = ByteReader(try file.bytes(end.directory))
    var members: [String: Place] = [:]
    var (names, extents) = ([String](), [(range: Range<Int>, name: String)]())
    var total = 0
    for index in 0..<end.memberCount {
      let member = try ZipMember(&cursor, index: index, source: file.name)
      guard members[member.name] == nil else { throw problem(.duplicate, member.name) }
      total += member.count  // at most maximumMembers * ZipMember.maximumCount, less than 2^47
      guard total <= Self.maximumTotal else {
        throw problem(.totalTooLarge(bytes: total, limit: Self.maximumTotal))
      }
      let data = try Self.dataRange(of: member, in: file, before: end.directory.lowerBound)
      members[member.name] = Place(
        data: data, count: member.count, checksum: member.checksum, isDeflated: member.isDeflated)
      names.append(member.name)
      extents.append((member.headerOffset..<data.upperBound, member.name))
    }
    guard cursor.remaining == 0 else { throw problem(.directoryMalformed(entry: end.memberCount)) }
    extents.sort { ($0.range.lowerBound, $0.name) < ($1.range.lowerBound, $1.name) }
    for (first, second) in zip(extents, extents.dropFirst())
    where first.range.upperBound > second.range.lowerBound {
      throw problem(.overlap(other: first.name), second.name)
    }
    self.file = file
    self.members = members
    self.names = names
  }

  /// Uncompressed size of a member, bytes; nil if there is no such member.
  func count(of name: String) -> Int? { members[name]?.count }

  /// A member's uncompressed content; nil if there is no such member.
  func content(of name: String) throws(WeightsError) -> [UInt8]? {
    guard let place = members[name] else { return nil }
    let stored = try file.bytes(place.data)
    var content = stored
    if place.isDeflated {
      do throws(ZipProblem) {
        content = try inflated(stored, count: place.count)
      } catch { throw .archive(source: file.name, member: name, problem: error) }
    }
    let found = CRC32.checksum(content)
    guard found == place.checksum else {
      throw .archive(
        source: file.name, member: name, problem: .checksum(expected: place.checksum, found: found))
    }
    return content
  }

  /// Locates a member's data by its local header (APPNOTE.TXT 4.3.7), which must name the same member.
  private static func dataRange(
    of member: ZipMember, in file: some ByteSource, before limit: Int
  ) throws(WeightsError) -> Range<Int> {
    func problem(_ problem: ZipProblem) -> WeightsError {
      .archive(source: file.name, member: member.name, problem: problem)
    }
    let headerCount = 30
    let nameStart = member.headerOffset.addingReportingOverflow(headerCount)
    guard !nameStart.overflow, nameStart.partialValue <= limit - member.nameBytes.count else {
      throw problem(.outside)
    }
    let nameEnd = nameStart.partialValue + member.nameBytes.count
    let header = try file.bytes(member.headerOffset..<nameEnd)
    var cursor = ByteReader(header)
    guard cursor.integer(UInt32.self) == 0x0403_4B50, cursor.take(2) != nil,
      let flags = cursor.integer(UInt16.self), flags & ZipMember.encryptionFlags == 0,
      cursor.integer(UInt16.self) == (member.isDeflated ? 8 : 0), cursor.take(16) != nil,
      cursor.integer(UInt16.self).map(Int.init) == member.nameBytes.count,
      let extraCount = cursor.integer(UInt16.self), header[headerCount...].elementsEqual(member.nameBytes)
    else { throw problem(.localHeader) }
    let start = nameEnd + Int(extraCount)
    guard start <= limit, member.storedCount <= limit - start else { throw problem(.outside) }
    return start..<start + member.storedCount
  }
}
