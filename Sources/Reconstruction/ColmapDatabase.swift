import Files
import Geometry
import Tracks

/// Writes the database that COLMAP's mapper reads: cameras, images, keypoints, matches, and two_view_geometries,
/// without which the mapper sees nothing.
///
/// Tables are those of COLMAP 3.8, which later versions upgrade on opening. Pixels are COLMAP's: the corner of the
/// first pixel is (0, 0), in the photo as stored.
package final class ColmapDatabase: SceneWriter {
  package let outputs: [String]
  private let file: TemporaryFile
  private let database: SQLiteDatabase
  private var insertMatches: SQLiteStatement?
  private var insertGeometry: SQLiteStatement?

  /// COLMAP's camera model numbers.
  private enum Model: Int {
    case pinhole = 1
    case simpleRadial = 2
  }

  /// An older file of this name is replaced at `finish`. Throws `FileError.cannotWrite`.
  package init(path: String) throws(FileError) {
    outputs = [path]
    file = try TemporaryFile(path: path)
    database = try SQLiteDatabase(file: file.temporaryPath, path: path)
    // The temporary file is removed on any failure, so it needs no journal.
    try database.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
    try database.execute(Self.tables)
  }

  package func begin(_ scene: Scene) throws {
    let insertCamera = try database.prepare("INSERT INTO cameras VALUES (?, ?, ?, ?, ?, ?)")
    for (index, camera) in scene.cameras.enumerated() {
      let values = camera.intrinsics
      let (model, parameters): (Model, [Double]) =
        camera.isCalibrated
        ? (.pinhole, [values.fx, values.fy, values.cx, values.cy])
        : (.simpleRadial, [values.fx, values.cx, values.cy, 0])
      try insertCamera.run([
        .integer(index + 1), .integer(model.rawValue), .integer(camera.width), .integer(camera.height),
        .bytes(of: parameters), .integer(camera.hasKnownFocal ? 1 : 0),
      ])
    }
    let insertImage = try database.prepare("INSERT INTO images (image_id, name, camera_id) VALUES (?, ?, ?)")
    let insertKeypoints = try database.prepare("INSERT INTO keypoints VALUES (?, ?, 2, ?)")
    for (index, image) in scene.images.enumerated() {
      try insertImage.run([.integer(index + 1), .text(image.name), .integer(image.camera + 1)])
      let points = image.keypoints.positions.map { SIMD2<Float>(image.frame($0)) }
      try insertKeypoints.run([
        .integer(index + 1), .integer(points.count), .bytes(of: points.flatMap { [$0.x, $0.y] }),
      ])
    }
    insertMatches = try database.prepare("INSERT INTO matches VALUES (?, ?, 2, ?)")
    insertGeometry = try database.prepare(
      "INSERT INTO two_view_geometries VALUES (?, ?, 2, ?, ?, ?, ?, ?, ?, ?)")
  }

  package func add(_ pair: ScenePair, of scene: Scene) throws {
    let key = SQLiteValue.integer(Self.pairIdentifier(pair.image0 + 1, pair.image1 + 1))
    try insertMatches?.run([key, .integer(pair.matches.count), rows(pair, where: { _ in true })])
    guard pair.views.configuration != .degenerate else { return }
    let (frame0, frame1) = (scene.images[pair.image0].frame, scene.images[pair.image1].frame)
    let geometry = ColmapGeometry(pair.views, frame0, frame1)
    try insertGeometry?.run([
      key, .integer(pair.views.inlierCount), rows(pair, where: { pair.views.inliers[$0] }),
      .integer(pair.views.configuration.rawValue), .bytes(of: geometry.fundamental.rowMajor),
      .bytes(of: geometry.essential.rowMajor), .bytes(of: geometry.homography.rowMajor),
      .bytes(of: geometry.quaternion), .bytes(of: geometry.translation),
    ])
  }

  package func finish() throws {
    (insertMatches, insertGeometry) = (nil, nil)
    try database.execute("COMMIT;")
    try database.close()
    try file.commit()
  }

  /// COLMAP's pair_id of two ascending image numbers, which start at 1.
  static func pairIdentifier(_ image0: Int, _ image1: Int) -> Int {
    precondition(0 < image0 && image0 < image1, "the smaller number comes first")
    return 2_147_483_647 * image0 + image1
  }

  private func rows(_ pair: ScenePair, where isKept: (Int) -> Bool) -> SQLiteValue {
    .bytes(
      of: (0..<pair.matches.count).filter(isKept).flatMap {
        [UInt32(pair.matches.keypoints0[$0]), UInt32(pair.matches.keypoints1[$0])]
      })
  }

  private static let tables = """
    CREATE TABLE cameras (
      camera_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, model INTEGER NOT NULL, width INTEGER NOT NULL,
      height INTEGER NOT NULL, params BLOB, prior_focal_length INTEGER NOT NULL);
    CREATE TABLE images (
      image_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT NOT NULL UNIQUE, camera_id INTEGER NOT NULL,
      prior_qw REAL, prior_qx REAL, prior_qy REAL, prior_qz REAL, prior_tx REAL, prior_ty REAL, prior_tz REAL,
      CONSTRAINT image_id_check CHECK (image_id >= 0 AND image_id < 2147483647),
      FOREIGN KEY (camera_id) REFERENCES cameras (camera_id));
    CREATE UNIQUE INDEX index_name ON images (name);
    CREATE TABLE keypoints (
      image_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols INTEGER NOT NULL, data BLOB,
      FOREIGN KEY (image_id) REFERENCES images (image_id) ON DELETE CASCADE);
    CREATE TABLE descriptors (
      image_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols INTEGER NOT NULL, data BLOB,
      FOREIGN KEY (image_id) REFERENCES images (image_id) ON DELETE CASCADE);
    CREATE TABLE matches (
      pair_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols INTEGER NOT NULL, data BLOB);
    CREATE TABLE two_view_geometries (
      pair_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols INTEGER NOT NULL, data BLOB,
      config INTEGER NOT NULL, F BLOB, E BLOB, H BLOB, qvec BLOB, tvec BLOB);
    PRAGMA user_version = 3800;
    """
}
