// What can be wrong with a zip archive. Members are named by the caller; sizes are in bytes.

/// Why an archive, or one member of it, is not read.
package enum ZipProblem: Error, Equatable, Sendable {
  // The archive
  case noEndRecord
  case severalDisks
  case directoryOutside
  case directoryMalformed(entry: Int)
  case tooManyMembers(count: Int, limit: Int)
  case totalTooLarge(bytes: Int, limit: Int)

  // One member
  case nameNotText(entry: Int)
  case duplicate
  case encrypted
  case method(Int)
  case tooLarge(bytes: Int, limit: Int)
  case storedSizes(stored: Int, declared: Int)
  case impossibleRatio(stored: Int, declared: Int)
  case outside
  case localHeader
  case overlap(other: String)
  case notDeflate
  case inflatedSize(declared: Int)
  case checksum(expected: UInt32, found: UInt32)
}

extension ZipProblem: CustomStringConvertible {
  /// What is wrong, to follow the member's name where there is one.
  package var description: String {
    switch self {
    case .noEndRecord: "is cut short: it has no end record"
    case .severalDisks: "is one part of an archive of several"
    case .directoryOutside: "has a list of members that lies outside of it or is followed by other data"
    case .directoryMalformed(let entry): "has a malformed list of members (at entry \(entry))"
    case .tooManyMembers(let count, let limit): "has \(count) members, the limit is \(limit)"
    case .totalTooLarge(let bytes, let limit):
      "has members that are together \(bytes) bytes long, the limit is \(limit)"
    case .nameNotText(let entry): "has a member whose name is not UTF-8 (entry \(entry))"
    case .duplicate: "occurs twice"
    case .encrypted: "is encrypted"
    case .method(let method):
      "is compressed by method \(method), which is neither stored (0) nor deflated (8)"
    case .tooLarge(let bytes, let limit): "is \(bytes) bytes long, the limit is \(limit)"
    case .storedSizes(let stored, let declared):
      "is stored in \(stored) bytes and declared to have \(declared)"
    case .impossibleRatio(let stored, let declared):
      "is declared to grow from \(stored) to \(declared) bytes, more than deflating can do"
    case .outside: "lies outside of the archive's data"
    case .localHeader: "has a header that differs from the list of members"
    case .overlap(let other): "shares bytes with the member '\(printable(other))'"
    case .notDeflate: "is not sound deflated data"
    case .inflatedSize(let declared): "does not inflate to the \(declared) bytes that it declares"
    case .checksum(let expected, let found):
      "has the checksum \(hexadecimal(found)) instead of \(hexadecimal(expected))"
    }
  }
}

private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
