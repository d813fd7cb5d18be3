/// Why a zip archive or one of its members is rejected. The error names the member; sizes are in bytes.
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
  /// Follows the member's name, if there is one.
  package var description: String {
    switch self {
    case .noEndRecord: "is cut short: it has no end record"
    case .severalDisks: "is part of a multi-file archive"
    case .directoryOutside: "has a central directory that lies outside it or is followed by other data"
    case .directoryMalformed(let entry): "has a malformed central directory (at entry \(entry))"
    case .tooManyMembers(let count, let limit): "has \(count) members, the limit is \(limit)"
    case .totalTooLarge(let bytes, let limit): "has \(bytes) bytes of content in total, the limit is \(limit)"
    case .nameNotText(let entry): "has a member whose name is not UTF-8 (entry \(entry))"
    case .duplicate: "occurs twice"
    case .encrypted: "is encrypted"
    case .method(let method): "uses compression method \(method), neither stored (0) nor deflated (8)"
    case .tooLarge(let bytes, let limit): "is \(bytes) bytes long, the limit is \(limit)"
    case .storedSizes(let stored, let declared): "is stored in \(stored) bytes but declares \(declared)"
    case .impossibleRatio(let stored, let declared):
      "claims to inflate from \(stored) to \(declared) bytes, more than deflate can"
    case .outside: "lies outside the archive's data"
    case .localHeader: "has a header that differs from the central directory"
    case .overlap(let other): "shares bytes with the member '\(printable(other))'"
    case .notDeflate: "is not valid deflate data"
    case .inflatedSize(let declared): "does not inflate to the \(declared) bytes it declares"
    case .checksum(let expected, let found):
      "has the checksum \(hexadecimal(found)) instead of \(hexadecimal(expected))"
    }
  }
}

private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
