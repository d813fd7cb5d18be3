import CHDF5
import Files
import Tracks

/// Writes the two HDF5 files of hloc (cvg/Hierarchical-Localization).
///
/// Features: one group per image (a "/" in its name nests groups) with `keypoints` (N, 2), `scores` (N) and
/// `image_size` (width, height). Matches: one group per pair, the names with "-" for "/", with `matches0` (N of the
/// first image; index of the partner or -1) and `matching_scores0`. Pixels are ours, of the photo as seen, with the
/// centre of the first at (0, 0): hloc adds the half pixel itself.
package final class HlocFiles: SceneWriter {
  package let outputs: [String]
  private let features: HDF5File
  private let matches: HDF5File

  /// Throws `ReconstructionError.libraryMissing` and `FileError`.
  package init(features: String, matches: String) throws {
    outputs = [features, matches]
    self.features = try HDF5File(path: features)
    self.matches = try HDF5File(path: matches)
  }

  package func begin(_ scene: Scene) throws {
    for image in scene.images {
      let points = image.keypoints.positions.flatMap { [Float($0.x), Float($0.y)] }
      try features.write(points, rows: image.keypoints.count, columns: 2, to: "\(image.name)/keypoints")
      try features.write(image.keypoints.weights.map { Float($0) }, to: "\(image.name)/scores")
      try features.write([Int32(image.width), Int32(image.height)], to: "\(image.name)/image_size")
    }
  }

  package func add(_ pair: ScenePair, of scene: Scene) throws {
    let (image0, image1) = (scene.images[pair.image0], scene.images[pair.image1])
    var partners = [Int32](repeating: -1, count: image0.keypoints.count)
    var scores = [Float](repeating: 0, count: image0.keypoints.count)
    for match in 0..<pair.matches.count {
      partners[pair.matches.keypoints0[match]] = Int32(pair.matches.keypoints1[match])
      scores[pair.matches.keypoints0[match]] = Float(pair.matches.scores[match])
    }
    let group = "\(Self.flat(image0.name))/\(Self.flat(image1.name))"
    try matches.write(partners, to: "\(group)/matches0")
    try matches.write(scores, to: "\(group)/matching_scores0")
  }

  package func finish() throws {
    try features.commit()
    try matches.commit()
  }

  private static func flat(_ name: String) -> String { String(name.map { $0 == "/" ? "-" : $0 }) }
}

/// An HDF5 file under construction.
private final class HDF5File {
  private let file: TemporaryFile
  private var handle: OpaquePointer?

  init(path: String) throws {
    file = try TemporaryFile(path: path)
    var opened: OpaquePointer?
    let temporaryPath = file.temporaryPath
    try Self.call(path) { chdf5_create(temporaryPath, &opened, $0, $1) }
    handle = opened
  }

  deinit { if let handle { chdf5_abandon(handle) } }

  /// Writes a table; `columns` 0: a list.
  func write(_ values: [Float], rows: Int, columns: Int, to path: String) throws {
    guard let handle else { return }
    try Self.call(file.path) { chdf5_write_floats(handle, path, values, rows, columns, $0, $1) }
  }

  func write(_ values: [Float], to path: String) throws {
    try write(values, rows: values.count, columns: 0, to: path)
  }

  func write(_ values: [Int32], to path: String) throws {
    guard let handle else { return }
    try Self.call(file.path) { chdf5_write_integers(handle, path, values, values.count, 0, $0, $1) }
  }

  func commit() throws {
    guard let handle else { return }
    self.handle = nil
    try Self.call(file.path) { chdf5_close(handle, $0, $1) }
    try file.commit()
  }

  private static func call(
    _ path: String, _ body: (_ reason: UnsafeMutablePointer<CChar>?, _ size: Int) -> chdf5_status
  ) throws {
    var status = CHDF5_OK
    let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String in
      buffer.initialize(repeating: 0)
      status = body(buffer.baseAddress, buffer.count)
      guard status != CHDF5_OK, let start = buffer.baseAddress else { return "" }
      return String(cString: start)
    }
    switch status {
    case CHDF5_OK: return
    case CHDF5_NO_LIBRARY: throw ReconstructionError.libraryMissing(library: "libhdf5", reason: reason)
    default: throw FileError.cannotWrite(path: path, reason: reason)
    }
  }
}
