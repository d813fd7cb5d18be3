// Correspondences as CSV: header "x0,y0,x1,y1,score,inlier", one match a line, lines end with "\n".
// Fixed decimals through integers: the same bytes under any locale, and fast. Described in docs/formats.md.

import Files
import Geometry

/// Writes correspondences as CSV.
package enum CorrespondenceCSV {
  /// The first line, without its end.
  package static let header = "x0,y0,x1,y1,score,inlier"
  /// Decimals of a coordinate: steps of 0.001 px, far below what matching resolves.
  package static let coordinateDecimals = 3
  /// Decimals of a score.
  package static let scoreDecimals = 6

  /// The whole file, rows in the order given; only the header where there are no matches.
  ///
  /// Numbers are rounded to nearest, halves away from zero, and zero has no sign. Values that are not finite
  /// are written as "nan", "inf" and "-inf".
  ///
  /// - Parameter inliers: whether each match agrees with the estimated geometry.
  package static func encode(_ correspondences: Correspondences, inliers: [Bool]) -> [UInt8] {
    precondition(inliers.count == correspondences.count, "every match is an inlier or not")
    var text = DecimalText()
    text.bytes.reserveCapacity(header.utf8.count + 1 + 48 * correspondences.count)
    text.bytes += header.utf8
    text.bytes.append(UInt8(ascii: "\n"))
    for index in 0..<correspondences.count {
      let (point0, point1) = (correspondences.points0[index], correspondences.points1[index])
      for coordinate in [point0.x, point0.y, point1.x, point1.y] {
        text.append(coordinate, decimals: coordinateDecimals)
        text.bytes.append(UInt8(ascii: ","))
      }
      text.append(correspondences.scores[index], decimals: scoreDecimals)
      text.bytes.append(UInt8(ascii: ","))
      text.bytes.append(inliers[index] ? UInt8(ascii: "1") : UInt8(ascii: "0"))
      text.bytes.append(UInt8(ascii: "\n"))
    }
    return text.bytes
  }
}
