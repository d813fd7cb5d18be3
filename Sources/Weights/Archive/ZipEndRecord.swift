import Files

/// Locates a zip archive's central directory by the end record, in its zip64 form if there is one (APPNOTE.TXT 6.3.10,
/// sections 4.3.14 to 4.3.16). The directory must end where these records begin, and they at the end of the file, so
/// that no two readers can see different archives in one file.
struct ZipEndRecord {
  static let byteCount = 22
  private static let locatorCount = 20
  private static let wideCount = 56
  private static let longestComment = 0xFFFF

  let memberCount: Int
  /// The central directory's bytes in the file.
  let directory: Range<Int>

  init(_ file: some ByteSource) throws(WeightsError) {
    func problem(_ problem: ZipProblem) -> WeightsError {
      .archive(source: file.name, member: nil, problem: problem)
    }
    let tailStart = max(0, file.count - Self.byteCount - Self.longestComment)
    let tail = try file.bytes(tailStart..<file.count)
    guard let place = Self.place(in: tail) else { throw problem(.noEndRecord) }
    var record = ByteReader(tail[(place + 4)...])
    guard let disk = record.integer(UInt16.self), let directoryDisk = record.integer(UInt16.self),
      let onDisk = record.integer(UInt16.self), let total = record.integer(UInt16.self),
      let size = record.integer(UInt32.self), let offset = record.integer(UInt32.self)
    else { throw problem(.noEndRecord) }
    var values = (
      disks: [UInt64(disk), UInt64(directoryDisk)], counts: [UInt64(onDisk), UInt64(total)],
      size: UInt64(size), offset: UInt64(offset)
    )
    var end = tailStart + place
    if let wide = try Self.wideRecord(file, before: end) {
      values = wide.values
      end = wide.start
    }
    guard values.disks.allSatisfy({ $0 == 0 }), values.counts[0] == values.counts[1] else {
      throw problem(.severalDisks)
    }
    let (directoryEnd, overflow) = values.offset.addingReportingOverflow(values.size)
    guard !overflow, directoryEnd == UInt64(end) else { throw problem(.directoryOutside) }
    guard values.counts[1] <= UInt64(ZipArchive.maximumMembers) else {
      throw problem(.tooManyMembers(count: Int(clamping: values.counts[1]), limit: ZipArchive.maximumMembers))
    }
    memberCount = Int(values.counts[1])
    directory = Int(values.offset)..<end
  }

  /// The last position of an end record whose comment ends with the file.
  private static func place(in tail: [UInt8]) -> Int? {
    guard tail.count >= byteCount else { return nil }
    return (0...tail.count - byteCount).reversed().first { place in
      tail[place...].starts(with: [0x50, 0x4B, 0x05, 0x06])
        && place + byteCount + Int(tail[place + 20]) + Int(tail[place + 21]) << 8 == tail.count
    }
  }

  private typealias Values = (disks: [UInt64], counts: [UInt64], size: UInt64, offset: UInt64)

  /// The zip64 record that a locator right before `end` points to; nil without a locator.
  private static func wideRecord(
    _ file: some ByteSource, before end: Int
  ) throws(WeightsError) -> (values: Values, start: Int)? {
    guard end >= locatorCount else { return nil }
    var locator = ByteReader(try file.bytes(end - locatorCount..<end))
    guard locator.integer(UInt32.self) == 0x0706_4B50 else { return nil }
    let outside = WeightsError.archive(source: file.name, member: nil, problem: .directoryOutside)
    guard let disk = locator.integer(UInt32.self), let offset = locator.integer(UInt64.self),
      let disks = locator.integer(UInt32.self)
    else { throw outside }
    // The record allows extensions, but no checkpoint writer uses them.
    guard let start = Int(exactly: offset), end - locatorCount - wideCount == start else { throw outside }
    var record = ByteReader(try file.bytes(start..<start + wideCount))
    guard record.integer(UInt32.self) == 0x0606_4B50, record.integer(UInt64.self) == UInt64(wideCount - 12),
      record.take(4) != nil, let ownDisk = record.integer(UInt32.self),
      let directoryDisk = record.integer(UInt32.self), let onDisk = record.integer(UInt64.self),
      let total = record.integer(UInt64.self), let size = record.integer(UInt64.self),
      let directoryOffset = record.integer(UInt64.self)
    else { throw outside }
    let otherDisks = disks > 1 ? 1 : UInt64(0)
    return (
      (
        [UInt64(disk), UInt64(ownDisk), UInt64(directoryDisk), otherDisks], [onDisk, total], size,
        directoryOffset
      ), start
    )
  }
}
