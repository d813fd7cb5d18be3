// A pinhole camera without distortion: x = fx X/Z + cx, y = fy Y/Z + cy, in pixels; the centre of the first pixel
// is (0, 0).

package struct Camera: Codable, Equatable, Sendable {
  /// Focal lengths, in pixels.
  package let fx: Double
  package let fy: Double
  /// Principal point.
  package let cx: Double
  package let cy: Double

  /// Focal lengths must be positive.
  package init(fx: Double, fy: Double, cx: Double, cy: Double) {
    precondition(fx > 0 && fy > 0, "focal lengths must be positive")
    self.fx = fx
    self.fy = fy
    self.cx = cx
    self.cy = cy
  }

  /// Parses "fx,fy,cx,cy". Throws `GeometryError.invalidCamera`.
  package init(parsing text: String) throws(GeometryError) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 4 else {
      throw .invalidCamera(text: text, reason: "\(parts.count) values instead of 4")
    }
    var values: [Double] = []
    for part in parts {
      let trimmed = part.drop { $0 == " " }
      guard let value = Double(trimmed), value.isFinite else {
        throw .invalidCamera(text: text, reason: "\"\(part)\" is not a number")
      }
      values.append(value)
    }
    guard values[0] > 0 && values[1] > 0 else {
      throw .invalidCamera(text: text, reason: "focal lengths must be positive")
    }
    self.init(fx: values[0], fy: values[1], cx: values[2], cy: values[3])
  }

  /// K.
  package var matrix: Matrix3 { Matrix3(SIMD3(fx, 0, cx), SIMD3(0, fy, cy), SIMD3(0, 0, 1)) }

  /// K^-1.
  var inverse: Matrix3 { Matrix3(SIMD3(1 / fx, 0, -cx / fx), SIMD3(0, 1 / fy, -cy / fy), SIMD3(0, 0, 1)) }

  /// A pixel on the plane Z = 1: K^-1 x.
  package func normalized(_ point: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2((point.x - cx) / fx, (point.y - cy) / fy)
  }
}
