// What COLMAP finds in the database: its pixels, its numbers of pairs, its configurations, matrices that hold.

import Files
import Foundation
import Geometry
import PairStore
import Testing
import Tracks

@testable import Reconstruction

@Suite struct ColmapDatabaseTests {
  /// The database of the synthetic scene.
  private func database(
    _ folder: TestFolder, scene: SyntheticScene = SyntheticScene(), _ options: SceneOptions = SceneOptions()
  ) throws -> (reader: DatabaseReader, summary: SceneSummary) {
    let store = try scene.store(in: folder)
    let summary = try SceneExport(store: store, path: "store", options: options).write(to: [
      try ColmapDatabase(path: folder("database.db"))
    ])
    #expect(try folder.files() == ["database.db", "store/shard-1-of-1.pairs"])
    return (try DatabaseReader(folder("database.db")), summary)
  }

  @Test func imagesAndCamera() throws {
    let reader = try database(TestFolder()).reader
    let images = try reader.rows("SELECT image_id, name, camera_id FROM images ORDER BY image_id")
    #expect(images.map { $0[0] as? Int } == [1, 2, 3, 4])
    #expect(
      images.map { $0[1] as? String } == ["photos/a.jpg", "photos/b.jpg", "photos/c.jpg", "photos/d.jpg"])
    #expect(images.allSatisfy { $0[2] as? Int == 1 })
    let cameras = try reader.rows("SELECT model, width, height, prior_focal_length, params FROM cameras")
    #expect(cameras.count == 1)
    #expect(cameras[0][..<4].map { $0 as? Int } == [2, 640, 480, 0])
    // SIMPLE_RADIAL: f, cx, cy, k; the centre in COLMAP's pixels.
    #expect(try numbers(cameras[0][4], as: Double.self) == [1.2 * 640, 320, 240, 0])
    #expect(try reader.integers("PRAGMA user_version") == [3800])
    let tables = try reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'").compactMap {
      $0[0] as? String
    }
    for name in ["cameras", "images", "keypoints", "descriptors", "matches", "two_view_geometries"] {
      #expect(tables.contains(name))
    }
  }

  /// Errors of 3 px are within the threshold where the network saw a quarter of the photo's pixels along each side.
  @Test(arguments: [(4, true), (1, false)])
  func thresholdIsInPixelsOfTheNetwork(scale: Int, isWithin: Bool) throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    var pair = scene.pairs[0]
    guard case .matched(var matches) = pair.outcome else { return }
    let size = SyntheticScene.size
    let networkSize = StoredSize(width: size.width / scale, height: size.height / scale)
    matches.networkSizes = Pair(networkSize, networkSize)
    let exact = matches.correspondences
    matches.correspondences = Correspondences(
      points0: exact.points0,
      points1: exact.points1.enumerated().map { index, point in
        index % 4 == 0 ? point + SIMD2(0, index % 8 == 0 ? 3 : -3) : point
      }, scores: exact.scores)
    pair.outcome = .matched(matches)
    let store = try scene.store(in: folder, pairs: [pair])
    let summary = try SceneExport(store: store, path: "store", options: SceneOptions()).write(to: [])
    #expect((isWithin ? 190...200 : 100...170).contains(summary.inlierCount))
  }

  /// A photo on edge: the guess goes with the longer side all the same.
  @Test func focalLengthOfPhotosOnEdge() throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    var pairs = scene.pairs
    for index in pairs.indices {
      guard case .matched(var matches) = pairs[index].outcome else { continue }
      matches.sizes = Pair(
        StoredSize(width: 640, height: 900), StoredSize(width: 640, height: 900)
      )
      pairs[index].outcome = .matched(matches)
    }
    let store = try scene.store(in: folder, pairs: pairs)
    _ = try SceneExport(store: store, path: "store", options: SceneOptions()).write(to: [
      try ColmapDatabase(path: folder("d.db"))
    ])
    let camera = try DatabaseReader(folder("d.db")).rows("SELECT params FROM cameras")[0]
    #expect(try numbers(camera[0], as: Double.self) == [1.2 * 900, 320, 450, 0])
  }

  /// Every keypoint is a projected point of the scene, half a pixel further right and down.
  @Test func keypointsAreHalfAPixelFurther() throws {
    let scene = SyntheticScene()
    let reader = try database(TestFolder()).reader
    for (image, view) in [(1, 2), (2, 0), (3, 1), (4, 3)] {
      let row = try reader.rows("SELECT rows, cols, data FROM keypoints WHERE image_id = \(image)")[0]
      let values = try numbers(row[2], as: Float.self)
      try #require(row[0] as? Int == 200 && row[1] as? Int == 2 && values.count == 400)
      let expected = scene.points.map { scene.project($0, view: view) + 0.5 }
      for index in 0..<200 {
        let point = SIMD2(values[2 * index], values[2 * index + 1])
        #expect(
          expected.contains { abs($0.x - point.x) < 1e-4 && abs($0.y - point.y) < 1e-4 }, "\(image) \(point)")
      }
    }
  }

  /// The store holds pairs in either order; in the database the smaller number comes first, F and rows included.
  @Test func pairsMatricesAndRows() throws {
    let reader = try database(TestFolder()).reader
    let pairs = try reader.rows(
      "SELECT pair_id, rows, data, config, F FROM two_view_geometries ORDER BY pair_id")
    #expect(
      pairs.map { $0[0] as? Int } == [
        2_147_483_647 + 2, 2_147_483_647 + 3, 2_147_483_647 + 4, 2 * 2_147_483_647 + 3, 2 * 2_147_483_647 + 4,
        3 * 2_147_483_647 + 4,
      ])
    #expect(try reader.integers("SELECT COUNT(*) FROM matches") == [6])
    for pair in pairs {
      let identifier = try #require(pair[0] as? Int)
      let (image0, image1) = (identifier / 2_147_483_647, identifier % 2_147_483_647)
      let (points0, points1) = (try keypoints(reader, image0), try keypoints(reader, image1))
      let rows = try numbers(pair[2], as: UInt32.self).map { Int($0) }
      let matrix = Matrix3(rowMajor: try numbers(pair[4], as: Double.self))
      #expect(pair[3] as? Int == 3)
      #expect(rows.count == 2 * (pair[1] as? Int ?? 0) && rows.count >= 380)
      for row in stride(from: 0, to: rows.count, by: 2) {
        // In COLMAP's pixels: with half a pixel forgotten on one side the error is some tenths.
        #expect(EpipolarError.sampson(matrix, points0[rows[row]], points1[rows[row + 1]]) < 0.02)
      }
      #expect(Set(stride(from: 0, to: rows.count, by: 2).map { rows[$0] }).count == rows.count / 2)
      #expect(Set(stride(from: 1, to: rows.count, by: 2).map { rows[$0] }).count == rows.count / 2)
    }
  }

  private func keypoints(_ reader: DatabaseReader, _ image: Int) throws -> [SIMD2<Double>] {
    let row = try reader.rows("SELECT data FROM keypoints WHERE image_id = \(image)")[0]
    let values = try numbers(row[0], as: Float.self).map { Double($0) }
    return stride(from: 0, to: values.count, by: 2).map { SIMD2(values[$0], values[$0 + 1]) }
  }

  @Test func everyPointIsATrackOfFour() throws {
    let summary = try database(TestFolder()).summary
    #expect(summary.tracks.countByLength[4, default: 0] >= 195)
    #expect(summary.tracks.ambiguousCount == 0)
    #expect(summary.pairCount == 6 && summary.missingCount == 0 && summary.failedCount == 0)
    #expect(summary.storedCount == 1200 && summary.mergedCount == 1200)
    #expect(summary.shift.count == 2 * summary.inlierCount && summary.shift.mean < 0.01)
  }

  /// With few keypoints a photo, those of the same points stay in every photo.
  @Test func limitKeepsWholeTracks() throws {
    var options = SceneOptions()
    options.merging.maximumKeypoints = 40
    let summary = try database(TestFolder(), options).summary
    #expect(summary.keypointCounts == [40, 40, 40, 40])
    #expect(summary.mergedCount == 240)
    #expect(summary.tracks.countByLength[4, default: 0] >= 36)
  }

  @Test func knownCameraIsCalibrated() throws {
    var options = SceneOptions()
    options.camera = SyntheticScene.camera
    let reader = try database(TestFolder(), options).reader
    let camera = try reader.rows("SELECT model, prior_focal_length, params FROM cameras")[0]
    #expect(camera[0] as? Int == 1 && camera[1] as? Int == 1)
    #expect(try numbers(camera[2], as: Double.self) == [600, 600, 320, 240])
    let pairs = try reader.rows("SELECT config, E, qvec, tvec FROM two_view_geometries ORDER BY pair_id")
    #expect(pairs.count == 6)
    for pair in pairs {
      #expect(pair[0] as? Int == 2)
      #expect(try numbers(pair[1], as: Double.self).contains { $0 != 0 })
      let quaternion = try numbers(pair[2], as: Double.self)
      #expect(abs(quaternion.reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
    }
    // Images 2 and 3 are views 0 and 1: a turn of 0.04 about y.
    let quaternion = try numbers(pairs[3][2], as: Double.self)
    #expect(abs(quaternion[0] - cos(0.02)) < 1e-4 && abs(quaternion[2] - sin(0.02)) < 1e-3)
  }

  @Test func camerasPerImage() throws {
    var options = SceneOptions()
    options.hasCameraPerImage = true
    let reader = try database(TestFolder(), options).reader
    #expect(try reader.integers("SELECT camera_id FROM images ORDER BY image_id") == [1, 2, 3, 4])
  }

  /// A writer that is dropped before its end leaves an older database and nothing else.
  @Test func interruptedWriterLeavesNothing() throws {
    let folder = try TestFolder()
    try Data("older".utf8).write(to: URL(fileURLWithPath: folder("database.db")))
    do {
      let writer = try ColmapDatabase(path: folder("database.db"))
      try writer.begin(Scene(cameras: [], images: []))
      #expect(try folder.files().count == 2)
    }
    #expect(try folder.files() == ["database.db"])
    #expect(try folder.text("database.db") == "older")
    #expect(throws: FileError.cannotWrite(path: folder.path, reason: "it names a folder")) {
      try ColmapDatabase(path: folder.path)
    }
    #expect(
      throws: FileError.cannotWrite(path: folder("none/x.db"), reason: "No such file or directory")
    ) { try ColmapDatabase(path: folder("none/x.db")) }
  }

  @Test func pairsWithoutMatchesAreRefused() throws {
    let folder = try TestFolder()
    let failed = StoredPair(name0: "a", name1: "b", outcome: .failed(.pair, reason: "r"), seconds: 0)
    let store = try SyntheticScene().store(in: folder, pairs: [failed])
    #expect(throws: ReconstructionError.noMatches(store: "out")) {
      try SceneExport(store: store, path: "out", options: SceneOptions()).write(to: [])
    }
  }

  @Test func differentSizesAreRefused() throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    var pairs = scene.pairs
    guard case .matched(var matches) = pairs[1].outcome else { return }
    matches.sizes.first.width = 641
    pairs[1].outcome = .matched(matches)
    let store = try scene.store(in: folder, pairs: pairs)
    #expect(throws: ReconstructionError.sizesDiffer(image: pairs[1].name0)) {
      try SceneExport(store: store, path: "out", options: SceneOptions()).write(to: [])
    }
  }
}
