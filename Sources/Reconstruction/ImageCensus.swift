import Files
import Geometry
import PairStore
import Tracks

/// The first pass over a store: its images, their sizes, and the votes of their matches for keypoints. Matches known to
/// disagree with their pair's epipolar geometry do not vote.
struct ImageCensus: Sendable {
  private struct Entry {
    let name: String
    let size: StoredSize
    /// Image pixels per network pixel.
    let scale: Double
    var votes: KeypointVotes
  }

  private let options: SceneOptions
  private var entries: [Entry] = []
  private var indices: [String: Int] = [:]

  init(store: PairStoreFolder, path: String, options: SceneOptions, summary: inout SceneSummary) throws {
    self.options = options
    try store.forEach { pair in
      guard let matches = pair.matches else {
        summary.failedCount += 1
        return
      }
      summary.pairCount += 1
      let votes = Self.voters(matches)
      let found = matches.correspondences
      for (name, side, points) in [
        (pair.name0, PairSide.first, found.points0), (pair.name1, .second, found.points1),
      ] {
        try add(name, matches.sizes[side], matches.networkSizes[side], points, found.scores, votes)
      }
    }
    guard entries.contains(where: { $0.votes.cellCount > 0 }) else {
      throw ReconstructionError.noMatches(store: path)
    }
    entries.sort { $0.name < $1.name }
    indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  /// The image's index in the scene.
  func index(of name: String) -> Int? { indices[name] }

  /// Image pixels per network pixel.
  func scale(of index: Int) -> Double { entries[index].scale }

  /// Both cameras, in our pixels, if both focal lengths are known.
  func cameras(_ index0: Int, _ index1: Int, in scene: Scene) -> (Camera, Camera)? {
    if let camera = options.camera { return (camera, camera) }
    func known(_ index: Int) -> Camera? {
      let image = scene.images[index]
      let camera = scene.cameras[image.camera]
      guard camera.hasKnownFocal else { return nil }
      let (focal, center) = (camera.intrinsics.fx, Self.center(image.width, image.height))
      return Camera(fx: focal, fy: focal, cx: center.x, cy: center.y)
    }
    return known(index0).flatMap { first in known(index1).map { (first, $0) } }
  }

  func scene() throws(ReconstructionError) -> Scene {
    var scene = Scene(cameras: [], images: [])
    for entry in entries {
      var metadata = PhotoMetadata()
      if let photos = options.photos { metadata = try PhotoMetadata(path: "\(photos)/\(entry.name)") }
      let (width, height) = (entry.size.width, entry.size.height)
      let frame = PixelFrame(width: width, height: height, orientation: metadata.orientation)
      let camera = sceneCamera(width, height, frame, metadata)
      var index = options.hasCameraPerImage ? nil : scene.cameras.firstIndex(of: camera)
      if index == nil {
        index = scene.cameras.count
        scene.cameras.append(camera)
      }
      let keypoints = entry.votes.keypoints(maximumError: options.merging.maximumError * entry.scale)
      scene.images.append(
        SceneImage(
          name: entry.name, width: width, height: height, frame: frame, camera: index ?? 0,
          keypoints: keypoints))
    }
    return scene
  }

  private func sceneCamera(
    _ width: Int, _ height: Int, _ frame: PixelFrame, _ metadata: PhotoMetadata
  ) -> SceneCamera {
    if let camera = options.camera {
      return SceneCamera(
        width: frame.width, height: frame.height, intrinsics: frame(camera), hasKnownFocal: true,
        isCalibrated: true)
    }
    let diagonal = Double(width * width + height * height).squareRoot()
    // COLMAP's own guess without EXIF data.
    let focal = metadata.focalPerDiagonal.map { $0 * diagonal } ?? 1.2 * Double(max(width, height))
    let center = Self.center(width, height)
    return SceneCamera(
      width: frame.width, height: frame.height,
      intrinsics: frame(Camera(fx: focal, fy: focal, cx: center.x, cy: center.y)),
      hasKnownFocal: metadata.focalPerDiagonal != nil, isCalibrated: false)
  }

  private static func center(_ width: Int, _ height: Int) -> SIMD2<Double> {
    SIMD2(Double(width) / 2 - 0.5, Double(height) / 2 - 0.5)
  }

  /// Whether each match votes; nil: all do.
  static func voters(_ matches: StoredMatches) -> [Bool]? {
    switch matches.geometry {
    case .estimated(.fundamental, _, _, let inliers), .estimated(.essential, _, _, let inliers): inliers
    case .notEstimated(.fundamental, _), .notEstimated(.essential, _):
      [Bool](repeating: false, count: matches.count)
    // A homography holds for one plane only; matches off it may be right.
    case .estimated(.homography, _, _, _), .notEstimated(.homography, _), .notVerified: nil
    }
  }

  private mutating func add(
    _ name: String, _ size: StoredSize, _ networkSize: StoredSize, _ points: [SIMD2<Double>],
    _ scores: [Double], _ voters: [Bool]?
  ) throws(ReconstructionError) {
    let index: Int
    if let known = indices[name] {
      index = known
      guard entries[index].size == size else { throw .sizesDiffer(image: name.oneLine) }
    } else {
      index = entries.count
      indices[name] = index
      // Longer sides, as the photo may have been turned for the network.
      let scale =
        Double(max(size.width, size.height)) / Double(max(networkSize.width, networkSize.height, 1))
      entries.append(
        Entry(
          name: name, size: size, scale: scale,
          votes: KeypointVotes(cellSize: options.merging.cellSize * scale)))
    }
    for match in points.indices where voters?[match] ?? true {
      entries[index].votes.add(points[match], weight: scores[match])
    }
  }
}
