// What is exported: images with their cameras and keypoints, and the verified matches of their pairs, as plain values.
// Unless stated otherwise, points are our pixels: the photo as seen, the centre of the first pixel at (0, 0).

import Geometry
import PairStore
import Tracks

/// A camera, shared by images of the same size and focal length.
package struct SceneCamera: Equatable, Sendable {
  /// Columns of its photos as stored.
  package var width: Int
  /// Rows of its photos as stored.
  package var height: Int
  /// Focal length and principal point in COLMAP's pixels of the stored photo: the corner of the first pixel is (0, 0).
  package var intrinsics: Camera
  /// Whether the focal length is given or from EXIF data, rather than guessed.
  package var hasKnownFocal: Bool
  /// Whether all four intrinsics were given.
  package var isCalibrated: Bool
}

package struct SceneImage: Sendable {
  /// Its path within the image folder.
  package var name: String
  /// Columns as seen.
  package var width: Int
  /// Rows as seen.
  package var height: Int
  /// To COLMAP's pixels.
  package var frame: PixelFrame
  /// Index into `Scene.cameras`.
  package var camera: Int
  package var keypoints: Keypoints
}

/// All images; pairs follow one by one.
package struct Scene: Sendable {
  package var cameras: [SceneCamera]
  /// Sorted by name.
  package var images: [SceneImage]
}

/// A pair of images, as ascending indices into `Scene.images`.
package struct ScenePair: Sendable {
  package var image0: Int
  package var image1: Int
  /// Matches as keypoint indices.
  package var matches: MergedMatches
  /// The verified two-view geometry, and which of `matches` agree with it.
  package var views: VerifiedViews
  /// The matches as stored; the order of the two images may be the opposite.
  package var stored: StoredPair
}

/// Writes a scene to one or more files. Nothing appears under its final name before `finish`. The methods throw
/// `ReconstructionError` and `FileError`.
package protocol SceneWriter: AnyObject {
  /// The paths that the summary lists as written.
  var outputs: [String] { get }
  func begin(_ scene: Scene) throws
  func add(_ pair: ScenePair, of scene: Scene) throws
  func finish() throws
}
