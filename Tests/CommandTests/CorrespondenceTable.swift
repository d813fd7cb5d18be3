// The CSV of the program, parsed independently of what wrote it.

import Foundation
import Testing

/// Rows of a CSV, in its order.
struct CorrespondenceTable {
  struct Row: Equatable {
    let point0: SIMD2<Double>
    let point1: SIMD2<Double>
    let score: Double
    let inlier: Bool
    /// xx, xy, yy.
    let covariance: [Double]
    let isRefined: Bool

    /// Distance between the point in the second photo and where it should be.
    func error(_ truth: (SIMD2<Double>) -> SIMD2<Double>) -> Double { length(point1 - truth(point0)) }
  }

  let rows: [Row]

  /// Parses strictly: header, ten fields per row, "\n" after every line, inlier 0 or 1.
  init(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    try #require(lines.first == "x0,y0,x1,y1,score,inlier,sxx,sxy,syy,precision")
    try #require(lines.last == "", "the last line has no end")
    lines.removeFirst()
    lines.removeLast()
    rows = try lines.map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      try #require(fields.count == 10, "\(line)")
      let values = try fields[..<5].map { try #require(Double($0), "\(line)") }
      try #require(fields[5] == "0" || fields[5] == "1", "\(line)")
      let covariance = try fields[6..<9].map { try #require(Double($0), "\(line)") }
      try #require(covariance[0] > 0 && covariance[2] > 0, "\(line)")
      try #require(covariance[0] * covariance[2] > covariance[1] * covariance[1], "\(line)")
      try #require(fields[9] == "network" || fields[9] == "refined", "\(line)")
      return Row(
        point0: SIMD2(values[0], values[1]), point1: SIMD2(values[2], values[3]), score: values[4],
        inlier: fields[5] == "1", covariance: covariance, isRefined: fields[9] == "refined")
    }
  }

  /// Share of rows within `limit` pixels of where they should be.
  func share(within limit: Double, of truth: (SIMD2<Double>) -> SIMD2<Double>) -> Double {
    Double(rows.count { $0.error(truth) < limit }) / Double(max(rows.count, 1))
  }
}

/// Euclidean length.
func length(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum().squareRoot() }

/// A JSON object of the program.
func object(_ bytes: [UInt8]) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}

extension [String: Any] {
  /// A group inside.
  func group(_ key: String) throws -> [String: Any] { try #require(self[key] as? [String: Any], "\(key)") }

  /// A number inside.
  func number(_ key: String) throws -> Double { try #require(self[key] as? Double, "\(key)") }

  /// Three rows of three numbers inside.
  func matrix(_ key: String) throws -> [[Double]] {
    let matrix = try #require(self[key] as? [[Double]], "\(key)")
    try #require(matrix.count == 3 && matrix.allSatisfy { $0.count == 3 })
    return matrix
  }
}

/// The point that a homography maps `point` to.
func mapped(_ matrix: [[Double]], _ point: SIMD2<Double>) -> SIMD2<Double> {
  let rows = matrix.map { $0[0] * point.x + $0[1] * point.y + $0[2] }
  return SIMD2(rows[0], rows[1]) / rows[2]
}
