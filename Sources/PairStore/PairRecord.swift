import Files
import Geometry

/// A pair as the payload of a record, little-endian (docs/formats.md). The time comes last, so that two runs' records
/// can be compared without it.
package enum PairRecord {
  /// Bytes of the time at the end of a payload.
  package static let timeByteCount = 8
  /// Enough for 50 million matches.
  static let maximumByteCount = 1 << 30

  private static let matched: UInt8 = 1
  private static let failed: UInt8 = 2

  package static func encode(_ pair: StoredPair) -> [UInt8] {
    var bytes = ByteWriter()
    switch pair.outcome {
    case .matched(let matches):
      bytes.append(matched)
      bytes.append(pair.name0)
      bytes.append(pair.name1)
      append(matches, to: &bytes)
    case .failed(let part, let reason):
      bytes.append(failed)
      bytes.append(pair.name0)
      bytes.append(pair.name1)
      bytes.append(part.rawValue)
      bytes.append(reason)
    }
    bytes.append(pair.seconds.bitPattern)
    return bytes.bytes
  }

  private static func append(_ matches: StoredMatches, to bytes: inout ByteWriter) {
    for size in matches.sizes.both + matches.networkSizes.both {
      bytes.append(UInt32(clamping: size.width))
      bytes.append(UInt32(clamping: size.height))
    }
    bytes.append(UInt8(clamping: matches.quarterTurns))
    switch matches.geometry {
    case .notVerified: bytes.append(UInt8(0))
    case .notEstimated(let kind, _), .estimated(let kind, _, _, _): bytes.append(code(kind))
    }
    if case .estimated = matches.geometry { bytes.append(UInt8(1)) } else { bytes.append(UInt8(0)) }
    switch matches.geometry {
    case .notVerified: break
    case .notEstimated(_, let reason): bytes.append(reason)
    case .estimated(_, let matrix, let threshold, _):
      for value in matrix.rowMajor { bytes.append(value.bitPattern) }
      bytes.append(threshold.bitPattern)
    }
    bytes.append(UInt32(clamping: matches.count))
    let found = matches.correspondences
    for index in found.indices {
      let (point0, point1) = (found.points0[index], found.points1[index])
      for value in [point0.x, point0.y, point1.x, point1.y, found.scores[index]] {
        bytes.append(Float(value).bitPattern)
      }
    }
    if case .estimated(_, _, _, let inliers) = matches.geometry {
      for start in stride(from: 0, to: inliers.count, by: 8) {
        var byte: UInt8 = 0
        for bit in 0..<min(8, inliers.count - start) where inliers[start + bit] { byte |= 1 << UInt8(bit) }
        bytes.append(byte)
      }
    }
  }

  /// nil if the payload is malformed, which a valid checksum makes unlikely.
  package static func decode(_ payload: [UInt8]) -> StoredPair? {
    var bytes = ByteReader(payload)
    guard let type = bytes.integer(UInt8.self), let name0 = bytes.text(), let name1 = bytes.text() else {
      return nil
    }
    let outcome: StoredOutcome
    switch type {
    case matched:
      guard let matches = decodeMatches(&bytes) else { return nil }
      outcome = .matched(matches)
    case failed:
      guard let part = bytes.integer(UInt8.self).flatMap(FailedPart.init), let reason = bytes.text() else {
        return nil
      }
      outcome = .failed(part, reason: reason)
    default: return nil
    }
    guard let seconds = bytes.double(), bytes.isAtEnd else { return nil }
    return StoredPair(name0: name0, name1: name1, outcome: outcome, seconds: seconds)
  }

  /// The image names and whether the pair failed, without decoding the rest.
  static func summary(_ payload: [UInt8]) -> (name0: String, name1: String, hasFailed: Bool)? {
    var bytes = ByteReader(payload)
    guard let type = bytes.integer(UInt8.self), let name0 = bytes.text(), let name1 = bytes.text() else {
      return nil
    }
    return (name0, name1, type == failed)
  }

  private static func decodeMatches(_ bytes: inout ByteReader) -> StoredMatches? {
    var sizes: [StoredSize] = []
    for _ in 0..<4 {
      guard let width = bytes.integer(UInt32.self), let height = bytes.integer(UInt32.self) else {
        return nil
      }
      sizes.append(StoredSize(width: Int(width), height: Int(height)))
    }
    guard let turns = bytes.integer(UInt8.self), turns < 4, let kindCode = bytes.integer(UInt8.self),
      let isEstimated = bytes.integer(UInt8.self)
    else { return nil }
    var (reason, matrix, threshold) = ("", Matrix3.identity, 0.0)
    let geometryKind = kind(kindCode)
    if kindCode != 0 && geometryKind == nil { return nil }
    if isEstimated == 1 {
      var values: [Double] = []
      for _ in 0..<9 {
        guard let value = bytes.double() else { return nil }
        values.append(value)
      }
      guard let bound = bytes.double() else { return nil }
      (matrix, threshold) = (Matrix3(rowMajor: values), bound)
    } else if kindCode != 0 {
      guard let text = bytes.text() else { return nil }
      reason = text
    }
    guard let count = bytes.integer(UInt32.self).map({ Int($0) }), count <= bytes.remaining / 20 else {
      return nil
    }
    var correspondences = Correspondences()
    correspondences.reserveCapacity(count)
    for _ in 0..<count {
      guard let x0 = bytes.float(), let y0 = bytes.float(), let x1 = bytes.float(), let y1 = bytes.float(),
        let score = bytes.float()
      else { return nil }
      correspondences.append(
        SIMD2(Double(x0), Double(y0)), SIMD2(Double(x1), Double(y1)), score: Double(score))
    }
    var geometry = StoredGeometry.notVerified
    if let geometryKind {
      geometry = .notEstimated(geometryKind, reason: reason)
      if isEstimated == 1 {
        var inliers: [Bool] = []
        inliers.reserveCapacity(count)
        for start in stride(from: 0, to: count, by: 8) {
          guard let byte = bytes.integer(UInt8.self) else { return nil }
          for bit in 0..<min(8, count - start) { inliers.append(byte >> UInt8(bit) & 1 == 1) }
        }
        geometry = .estimated(geometryKind, matrix, threshold: threshold, inliers: inliers)
      }
    }
    return StoredMatches(
      sizes: Pair(sizes[0], sizes[1]), networkSizes: Pair(sizes[2], sizes[3]), quarterTurns: Int(turns),
      correspondences: correspondences, geometry: geometry)
  }

  private static func code(_ kind: GeometryKind) -> UInt8 {
    switch kind {
    case .homography: 1
    case .fundamental: 2
    case .essential: 3
    }
  }

  private static func kind(_ code: UInt8) -> GeometryKind? {
    GeometryKind.allCases.first { self.code($0) == code }
  }
}
