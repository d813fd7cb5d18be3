// What is exported: images with their cameras and keypoints, and the verified matches of their pairs, as plain values.
// All points are our pixels (photo as it is seen, centre of the first pixel at (0, 0)).

import Geometry
import PairStore
import Tracks

/// A camera, shared by images of one size and focal length.
package struct SceneCamera: Equatable, Sendable {
  /// Columns of its photos as their files store them.
  package var width: Int
  /// Their rows.
  package var height: Int
  /// Focal length and principal point in COLMAP's pixels of the stored photo: the corner of the first pixel is (0, 0).
  package var intrinsics: Camera
  /// Whether the focal length is known (given, or from EXIF data) rather than guessed.
  package var hasKnownFocal: Bool
  /// Whether all four values were given.
  package var isCalibrated: Bool
}

/// An image.
package struct SceneImage: Sendable {
  /// Its path within the folder of the images.
  package var name: String
  /// Columns as it is seen.
  package var width: Int
  /// Rows as it is seen.
  package var height: Int
  /// To COLMAP's pixels.
  package var frame: PixelFrame
  /// Index of its camera.
  package var camera: Int
  /// Its keypoints.
  package var keypoints: Keypoints
}

/// All images; pairs follow one by one.
package struct Scene: Sendable {
  /// Cameras.
  package var cameras: [SceneCamera]
  /// Images in the order of their names.
  package var images: [SceneImage]
}

/// A pair of images, the first one being the earlier in `Scene.images`.
package struct ScenePair: Sendable {
  /// Index of the first image.
  package var image0: Int
  /// Index of the second image, larger.
  package var image1: Int
  /// Matches by keypoints.
  package var matches: MergedMatches
  /// What the pair is, and which of `matches` agree.
  package var views: VerifiedViews
  /// The matches as they were stored; names and points in their own order, which may be the other one.
  package var stored: StoredPair
}

/// A file, or several, that a scene is written to. Nothing appears under its final name before `finish`.
package protocol SceneWriter: AnyObject {
  /// What the summary says was written.
  var outputs: [String] { get }
  /// Starts with all images. Throws `ReconstructionError` and `FileError`.
  func begin(_ scene: Scene) throws
  /// Adds a pair. Throws `ReconstructionError` and `FileError`.
  func add(_ pair: ScenePair, of scene: Scene) throws
  /// Gives the files their names. Throws `ReconstructionError` and `FileError`.
  func finish() throws
}
