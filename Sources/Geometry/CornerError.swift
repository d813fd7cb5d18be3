// The corner error of the HPatches protocol. Corners are the centres of the four corner pixels: (0, 0), (w - 1, 0),
// (0, h - 1), (w - 1, h - 1).

package enum CornerError {
  /// Mean distance, in pixels of image 1, between the corners of image 0 mapped by both homographies. Infinite for nil
  /// and if a corner goes to infinity. Width and height are image 0's.
  package static func mean(_ matrix: Matrix3?, truth: Matrix3, width: Int, height: Int) -> Double {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    guard let matrix else { return .infinity }
    let (right, bottom) = (Double(width - 1), Double(height - 1))
    let corners = [SIMD2(0, 0), SIMD2(right, 0), SIMD2(0, bottom), SIMD2(right, bottom)]
    var sum = 0.0
    for corner in corners {
      guard let place = Homography.apply(truth, to: corner) else { return .infinity }
      sum += ReprojectionError.forward(matrix, corner, place)
    }
    return sum / 4
  }
}
