// What is exported: images with their cameras and keypoints, and the verified matches of their pairs, as plain values.
// All points are our pixels (photo as it is seen, centre of the first pixel at (0, 0)).

import Geometry
import PairStore
import Tracks

/// A camera, shared by images of one size and focal length.
public struct SceneCamera: Equatable, Sendable {
  /// Columns of its photos as their files store them.
  public var width: Int
  /// Their rows.
  public var height: Int
  /// Focal length and principal point in COLMAP's pixels of the stored photo: the corner of the first pixel is (0, 0).
  public var intrinsics: Camera
  /// Whether the focal length is known (given, or from EXIF data) rather than guessed.
  public var hasKnownFocal: Bool
  /// Whether all four values were given.
  public var isCalibrated: Bool
}

/// An image.
public struct SceneImage: Sendable {
  /// Its path within the folder of the images.
  public var name: String
  /// Columns as it is seen.
  public var width: Int
  /// Rows as it is seen.
  public var height: Int
  /// To COLMAP's pixels.
  public var frame: PixelFrame
  /// Index of its camera.
  public var camera: Int
  /// Its keypoints.
  public var keypoints: Keypoints
}

/// All images; pairs follow one by one.
public struct Scene: Sendable {
  /// Cameras.
  public var cameras: [SceneCamera]
  /// Images in the order of their names.
  public var images: [SceneImage]
}

/// A pair of images, the first one being the earlier in `Scene.images`.
public struct ScenePair: Sendable {
  /// Index of the first image.
  public var image0: Int
  /// Index of the second image, larger.
  public var image1: Int
  /// Matches by keypoints.
  public var matches: MergedMatches
  /// What the pair is, and which of `matches` agree.
  public var views: VerifiedViews
  /// The matches as they were stored; names and points in their own order, which may be the other one.
  public var stored: StoredPair
}

/// A file, or several, that a scene is written to. Nothing appears under its final name before `finish`.
public protocol SceneWriter: AnyObject {
  /// What the summary says was written.
  var outputs: [String] { get }
  /// Starts with all images. Throws `ReconstructionError`.
  func begin(_ scene: Scene) throws
  /// Adds a pair. Throws `ReconstructionError`.
  func add(_ pair: ScenePair, of scene: Scene) throws
  /// Gives the files their names. Throws `ReconstructionError`.
  func finish() throws
}
