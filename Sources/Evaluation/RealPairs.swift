import Files
import Imaging

/// Reads a list (fixtures/real.txt) of real photos with ground truth that a system package installs:
///
///     homography image0 image1 matrix.xml     x1 ~ H x0, as OpenCV's FileStorage writes matrices
///     disparity image0 image1 disparity.png   rectified stereo: x1 = x0 - d, d in pixels, 0 where unknown
///
/// A disparity map tells good matches from bad ones but gives nothing to estimate: precision, no error.
package enum RealPairs {
  /// The pairs of a list, with files in `images`. Throws `EvaluationError.unreadable`, and `noPairs` if none is usable.
  package static func dataset(path: String, images: String) throws(EvaluationError) -> EvaluationDataset {
    var entries: [EvaluationDataset.Entry] = []
    for line in try TextFile(path: path).contentLines {
      let fields = line.fields
      do throws(EvaluationError) {
        guard fields.count == 4 else {
          throw EvaluationError.malformed(
            path: path, line: line.number,
            reason: "\(fields.count) fields instead of 4; write kind image0 image1 truth")
        }
        let truth = try truth(
          kind: fields[0], file: Path.joined(images, fields[3]), path: path, line: line.number)
        entries.append(
          .usable(
            EvaluationPair(
              image0: fields[1], image1: fields[2], path0: Path.joined(images, fields[1]),
              path1: Path.joined(images, fields[2]),
              truth: truth, grade: fields[0] == "disparity" ? "stereo" : "plane")))
      } catch {
        let known = fields.count > 2
        entries.append(
          .broken(
            BrokenPair(
              image0: known ? fields[1] : "\(path):\(line.number)", image1: known ? fields[2] : "",
              error: error)))
      }
    }
    return try EvaluationDataset(name: path, task: .homography, entries: entries)
  }

  private static func truth(
    kind: String, file: String, path: String, line: Int
  ) throws(EvaluationError) -> GroundTruth {
    switch kind {
    case "homography": return .homography(try MatrixFile.homographyXML(path: file))
    case "disparity": return .disparity(try DisparityMap(path: file))
    default:
      throw .malformed(
        path: path, line: line, reason: "\"\(kind)\" is not a kind of pair; write homography or disparity")
    }
  }
}

/// For each pixel of the left of two rectified photos, how much further left its partner is, in pixels.
package struct DisparityMap: Equatable, Sendable {
  private let width: Int
  private let height: Int
  private let values: [UInt16]

  /// Throws `EvaluationError.unreadable`.
  package init(path: String) throws(EvaluationError) {
    let image: GrayImage
    do { image = try ImageReader(path: path).gray() } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
    self.init(image)
  }

  /// Grey values are disparities in pixels, 0 where unknown.
  package init(_ image: GrayImage) {
    width = image.width
    height = image.height
    values =
      switch image.pixels {
      case .bits8(let values): values.map { UInt16($0) }
      case .bits16(let values): values
      }
  }

  /// The second photo's point for one in the first, by its nearest pixel; nil if unknown.
  package func partner(of point: SIMD2<Double>) -> SIMD2<Double>? {
    let (x, y) = (point.x.rounded(), point.y.rounded())
    guard x >= 0, y >= 0, x < Double(width), y < Double(height) else { return nil }
    let disparity = values[Int(y) * width + Int(x)]
    return disparity > 0 ? SIMD2(point.x - Double(disparity), point.y) : nil
  }
}
