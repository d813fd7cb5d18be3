import Files
import Geometry

/// Correspondences as CSV, described in docs/formats.md. Decimals are written through integers: fast, and the same
/// bytes under any locale.
package enum CorrespondenceCSV {
  package static let header = "x0,y0,x1,y1,score,inlier"
  /// After the columns of `header`, if the matches have precisions.
  package static let precisionHeader = ",sxx,sxy,syy,precision"
  /// Steps of 0.001 px are far below what matching resolves.
  package static let coordinateDecimals = 3
  package static let scoreDecimals = 6
  /// Of a covariance, px^2: deviations of a hundredth of a pixel show.
  package static let covarianceDecimals = 6

  /// The whole file, one row per match, in the order given. Non-finite values are written as "nan", "inf" and "-inf".
  package static func encode(_ correspondences: Correspondences, inliers: [Bool]) -> [UInt8] {
    precondition(inliers.count == correspondences.count, "every match is an inlier or not")
    var text = DecimalText()
    text.bytes.reserveCapacity(header.utf8.count + 1 + 48 * correspondences.count)
    text.bytes += header.utf8
    if correspondences.precisions != nil { text.bytes += precisionHeader.utf8 }
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
      if let precision = correspondences.precisions?[index] {
        let covariance = precision.covariance
        for value in [covariance.xx, covariance.xy, covariance.yy] {
          text.bytes.append(UInt8(ascii: ","))
          text.append(value, decimals: covarianceDecimals)
        }
        text.bytes += ",\(precision.source.rawValue)".utf8
      }
      text.bytes.append(UInt8(ascii: "\n"))
    }
    return text.bytes
  }
}
