import Geometry
import Tracks

/// A pair's matrices and motion as COLMAP stores them, between its pixels of the two stored photos. Unknown matrices
/// are zero, an unknown motion is the identity.
///
/// With stored = A seen for each photo: F' = A1^-T F A0^-1, H' = A1 H A0^-1; E and the motion follow the axes, L = A
/// without its shift.
struct ColmapGeometry {
  private(set) var fundamental = zero
  private(set) var essential = zero
  private(set) var homography = zero
  /// Rotation, w first.
  private(set) var quaternion: [Double] = [1, 0, 0, 0]
  /// Of length 1 where known.
  private(set) var translation: [Double] = [0, 0, 0]

  private static let zero = Matrix3(.zero, .zero, .zero)

  init(_ views: VerifiedViews, _ frame0: PixelFrame, _ frame1: PixelFrame) {
    guard let inverse0 = frame0.matrix.inverse, let inverse1 = frame1.matrix.inverse else { return }
    if let matrix = views.fundamental { fundamental = inverse1.transpose * matrix * inverse0 }
    if let matrix = views.homography { homography = frame1.matrix * matrix * inverse0 }
    let (turn0, turn1) = (frame0.linear.transpose, frame1.linear)
    if let matrix = views.essential { essential = turn1 * matrix * turn0 }
    // No rigid motion relates a mirrored photo to one that is not.
    if let pose = views.pose, !frame0.isMirrored, !frame1.isMirrored {
      quaternion = Self.quaternion(turn1 * pose.rotation * turn0)
      let moved = turn1 * pose.translation
      translation = [moved.x, moved.y, moved.z]
    }
  }

  /// The unit quaternion of a rotation, w first and not negative (Shepperd 1978: largest component first).
  static func quaternion(_ rotation: Matrix3) -> [Double] {
    let (xx, yy, zz) = (rotation[0, 0], rotation[1, 1], rotation[2, 2])
    let squares = [1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz]
    let largest = squares.indices.max { squares[$0] < squares[$1] } ?? 0
    let size = 2 * max(squares[largest], 1e-30).squareRoot()
    let (x, y, z) = (
      rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]
    )
    let (xy, xz, yz) = (
      rotation[0, 1] + rotation[1, 0], rotation[0, 2] + rotation[2, 0], rotation[1, 2] + rotation[2, 1]
    )
    let rows = [
      [squares[0], x, y, z], [x, squares[1], xy, xz], [y, xy, squares[2], yz], [z, xz, yz, squares[3]],
    ]
    // Row i is 4 q_i times the quaternion, so its entry i is 4 q_i^2.
    let found = rows[largest].map { $0 / size }
    return found[0] < 0 ? found.map { -$0 } : found
  }
}
