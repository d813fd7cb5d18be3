// How COLMAP sees a photo: EXIF orientation, focal length, half a pixel.

import Foundation
import Geometry
import TestSupport
import Testing
import Tracks

@testable import Reconstruction

@Suite struct PhotoFrameTests {
  /// A stored picture of 3 x 2 pixels; where its pixel (2, 0) is seen under each orientation, by the EXIF standard
  /// (6: what is stored on top is seen at the right), and where its (0, 1) is.
  @Test(
    arguments: [
      (1, SIMD2(2.0, 0), SIMD2(0.0, 1)), (2, SIMD2(0, 0), SIMD2(2, 1)), (3, SIMD2(0, 1), SIMD2(2, 0)),
      (4, SIMD2(2, 1), SIMD2(0, 0)), (5, SIMD2(0, 2), SIMD2(1, 0)), (6, SIMD2(1, 2), SIMD2(0, 0)),
      (7, SIMD2(1, 0), SIMD2(0, 2)), (8, SIMD2(0, 0), SIMD2(1, 2)),
    ])
  func orientations(orientation: Int, topRight: SIMD2<Double>, bottomLeft: SIMD2<Double>) {
    let isTurned = orientation >= 5
    let frame = PixelFrame(width: isTurned ? 2 : 3, height: isTurned ? 3 : 2, orientation: orientation)
    #expect(frame.width == 3 && frame.height == 2)
    #expect(frame(topRight) == SIMD2(2.5, 0.5))
    #expect(frame(bottomLeft) == SIMD2(0.5, 1.5))
    #expect(frame.isMirrored == [2, 4, 5, 7].contains(orientation))
  }

  /// F, H and E between two turned photos hold for their stored pixels.
  @Test func matricesFollowTheFrames() {
    let camera = Camera(fx: 500, fy: 500, cx: 159.5, cy: 119.5)
    let rotation = Matrix3(
      SIMD3(0.98, -0.19899748, 0), SIMD3(0.19899748, 0.98, 0), SIMD3(0, 0, 1))
    let translation = SIMD3(1.0, 0.2, -0.1)
    let essential = Matrix3.cross(translation) * rotation
    guard let inverse = camera.matrix.inverse else { return }
    var views = VerifiedViews(configuration: .calibrated, inliers: [])
    views.essential = essential
    views.fundamental = inverse.transpose * essential * inverse
    views.homography = camera.matrix * rotation * inverse
    views.pose = RelativePose(rotation: rotation, translation: translation, inFrontCount: 1)
    for (first, second) in [(1, 1), (6, 1), (3, 8), (2, 5), (7, 4)] {
      let frames = [first, second].map { PixelFrame(width: 320, height: 240, orientation: $0) }
      let geometry = ColmapGeometry(views, frames[0], frames[1])
      let cameras = frames.map { $0(camera) }
      for index in 0..<20 {
        let point = SIMD3(Double(index % 5) - 2, Double(index / 5) - 1.5, 6 + Double(index % 3))
        let moved = rotation * point + translation
        func project(_ point: SIMD3<Double>) -> SIMD2<Double> {
          SIMD2(500 * point.x / point.z + 159.5, 500 * point.y / point.z + 119.5)
        }
        let (stored0, stored1) = (frames[0](project(point)), frames[1](project(moved)))
        #expect(EpipolarError.sampson(geometry.fundamental, stored0, stored1) < 1e-6)
        #expect(
          EpipolarError.sampson(
            geometry.essential, cameras[0].normalized(stored0), cameras[1].normalized(stored1)) < 1e-9)
        let turned = frames[1](project(rotation * point))
        #expect(ReprojectionError.forward(geometry.homography, stored0, turned) < 1e-6)
      }
      // A mirrored photo has no motion.
      let isKnown = !frames[0].isMirrored && !frames[1].isMirrored
      #expect((geometry.translation != [0, 0, 0]) == isKnown)
      if isKnown {
        // The motion is that of the turned E.
        let moved = geometry.translation
        let motion =
          Matrix3.cross(SIMD3(moved[0], moved[1], moved[2])) * rotationMatrix(geometry.quaternion)
        for (value, expected) in zip(motion.rowMajor, geometry.essential.rowMajor) {
          #expect(abs(value - expected) < 1e-6)
        }
      }
    }
  }

  /// The rotation of a unit quaternion, w first.
  private func rotationMatrix(_ quaternion: [Double]) -> Matrix3 {
    let (w, x, y, z) = (quaternion[0], quaternion[1], quaternion[2], quaternion[3])
    return Matrix3(
      SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
      SIMD3(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
      SIMD3(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)))
  }

  /// Any rotation; each of the four parts is the largest now and then.
  @Test func quaternionsAboutAnyAxis() {
    var random = SeededGenerator(3)
    for _ in 0..<200 {
      let parts = (0..<4).map { _ in random.normal() }
      let length = parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let expected = parts.map { $0 / (parts[0] < 0 ? -length : length) }
      let found = ColmapGeometry.quaternion(rotationMatrix(expected))
      for (value, wanted) in zip(found, expected) { #expect(abs(value - wanted) < 1e-9) }
    }
  }

  @Test func quaternions() {
    for (axis, angle) in [(0, 0.3), (1, -2.9), (2, 1.7), (0, 3.14), (1, 3.1), (2, 0.0)] {
      let (c, s) = (cos(angle), sin(angle))
      var rows: [SIMD3<Double>] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
      let (i, j) = ((axis + 1) % 3, (axis + 2) % 3)
      (rows[i][i], rows[i][j], rows[j][i], rows[j][j]) = (c, -s, s, c)
      let found = ColmapGeometry.quaternion(Matrix3(rows[0], rows[1], rows[2]))
      var expected = [cos(angle / 2), 0, 0, 0]
      expected[axis + 1] = sin(angle / 2)
      for (value, wanted) in zip(found, expected) { #expect(abs(value - wanted) < 1e-12) }
    }
  }

  /// The head of a JPEG file with EXIF data.
  private func jpeg(littleEndian: Bool, image: [(Int, Int)], exif: [(Int, Int, Int?)]) -> Data {
    func bytes(_ value: Int, _ count: Int) -> [UInt8] {
      let places = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return littleEndian ? places : places.reversed()
    }
    // Entries of a directory: shorts, or rationals (denominator given) behind all directories.
    let exifStart = 8 + 2 + 12 * (image.count + 1) + 4
    let dataStart = exifStart + 2 + 12 * exif.count + 4
    var (data, tiff): ([UInt8], [UInt8]) = ([], (littleEndian ? [0x49, 0x49] : [0x4D, 0x4D]))
    tiff += bytes(42, 2) + bytes(8, 4) + bytes(image.count + 1, 2)
    for (tag, value) in image {
      tiff += bytes(tag, 2) + bytes(3, 2) + bytes(1, 4) + bytes(value, 2) + [0, 0]
    }
    tiff += bytes(0x8769, 2) + bytes(4, 2) + bytes(1, 4) + bytes(exifStart, 4) + bytes(0, 4)
    tiff += bytes(exif.count, 2)
    for (tag, value, denominator) in exif {
      if let denominator {
        tiff += bytes(tag, 2) + bytes(5, 2) + bytes(1, 4) + bytes(dataStart + data.count, 4)
        data += bytes(value, 4) + bytes(denominator, 4)
      } else {
        tiff += bytes(tag, 2) + bytes(3, 2) + bytes(1, 4) + bytes(value, 2) + [0, 0]
      }
    }
    tiff += bytes(0, 4) + data
    let segment = Array("Exif\0\0".utf8) + tiff
    let length = segment.count + 2
    return Data([0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + segment + [0xFF, 0xD9])
  }

  @Test(arguments: [false, true])
  func exifData(littleEndian: Bool) throws {
    let folder = try TestFolder()
    func metadata(image: [(Int, Int)], exif: [(Int, Int, Int?)]) throws -> PhotoMetadata {
      try jpeg(littleEndian: littleEndian, image: image, exif: exif).write(
        to: URL(fileURLWithPath: folder("p.jpg")))
      return try PhotoMetadata(path: folder("p.jpg"))
    }
    // 43 mm on film, whose diagonal is 43.27 mm.
    let film = try metadata(image: [(0x0112, 6)], exif: [(0xA405, 43, nil)])
    #expect(film.orientation == 6)
    #expect(abs(try #require(film.focalPerDiagonal) - 43 / 43.26661) < 1e-6)
    // 10 mm, 400 pixels a centimetre (3) = 40 a millimetre: 400 pixels, of a photo of 300 x 400.
    let sensor = try metadata(
      image: [],
      exif: [(0x920A, 100, 10), (0xA20E, 400, 1), (0xA210, 3, nil), (0xA002, 300, nil), (0xA003, 400, nil)])
    #expect(sensor.orientation == 1)
    #expect(abs(try #require(sensor.focalPerDiagonal) - 10 * 40 / 500) < 1e-9)
    #expect(try metadata(image: [(0x0112, 99)], exif: [(0xA405, 60000, nil)]) == PhotoMetadata())
    #expect(try metadata(image: [], exif: []) == PhotoMetadata())
  }

  @Test func filesWithoutExifData() throws {
    let folder = try TestFolder()
    for bytes in [[], [0xFF, 0xD8], Array("no picture".utf8), [UInt8](repeating: 0xFF, count: 5000)] {
      try Data(bytes).write(to: URL(fileURLWithPath: folder("x")))
      #expect(try PhotoMetadata(path: folder("x")) == PhotoMetadata())
    }
    #expect(
      throws: ReconstructionError.photoUnreadable(
        path: folder("none.jpg"), reason: "No such file or directory")
    ) { try PhotoMetadata(path: folder("none.jpg")) }
  }

  /// From the EXIF data of photos to the database: stored size, focal length with its prior, turned keypoints.
  @Test func turnedPhotosInTheDatabase() throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    try FileManager.default.createDirectory(
      atPath: folder("images/photos"), withIntermediateDirectories: true)
    for name in scene.names {
      let orientation = name == "photos/b.jpg" ? 6 : 1
      try jpeg(littleEndian: true, image: [(0x0112, orientation)], exif: [(0xA405, 40, nil)]).write(
        to: URL(fileURLWithPath: folder("images/\(name)")))
    }
    var options = SceneOptions()
    options.photos = folder("images")
    let store = try scene.store(in: folder)
    _ = try SceneExport(store: store, path: "store", options: options).write(to: [
      try ColmapDatabase(path: folder("d.db"))
    ])
    let reader = try DatabaseReader(folder("d.db"))
    let cameras = try reader.rows("SELECT width, height, prior_focal_length, params FROM cameras")
    #expect(cameras.map { $0[0] as? Int } == [640, 480] && cameras.map { $0[1] as? Int } == [480, 640])
    let focal = 40 / 43.2666153 * 800
    for camera in cameras {
      #expect(camera[2] as? Int == 1)
      #expect(abs(try numbers(camera[3], as: Double.self)[0] - focal) < 1e-9)
    }
    // Image 2 is view 0, seen as 640 x 480: stored x = y + 0.5, stored y = 640 - (x + 0.5).
    let values = try numbers(
      try reader.rows("SELECT data FROM keypoints WHERE image_id = 2")[0][0], as: Float.self)
    let expected = scene.points.map { scene.project($0, view: 0) }.map { SIMD2($0.y + 0.5, 639.5 - $0.x) }
    try #require(values.count == 400)
    for index in 0..<200 {
      let point = SIMD2(values[2 * index], values[2 * index + 1])
      #expect(expected.contains { abs($0.x - point.x) < 1e-3 && abs($0.y - point.y) < 1e-3 })
    }
    // Known focal lengths: pairs are calibrated.
    #expect(Set(try reader.integers("SELECT config FROM two_view_geometries")).isSubset(of: [2, 3]))
  }
}
