import Files
import Glibc
import Tracks

/// Writes a folder for COLMAP's importers, whose text formats do not change with its database: a keypoint file per
/// image (`feature_importer`), all matches, and the verified ones (`matches_importer --match_type raw` and `inliers`).
///
/// Descriptors are unknown and written as zeros. Pixels are COLMAP's.
package final class ColmapText: SceneWriter {
  /// The file of all matches. Keypoint files are named after their images, with ".txt" appended.
  package static let rawName = "matches.raw"
  /// The file of verified matches.
  package static let inlierName = "matches.inliers"

  private let folder: String
  private var raw: LargeTextFile?
  private var inliers: LargeTextFile?
  private var keypoints: [LargeTextFile] = []
  private static let noDescriptor = String(repeating: " 0", count: 128)

  package var outputs: [String] { [folder] }

  package init(folder: String) { self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder }

  package func begin(_ scene: Scene) throws {
    // The match lists separate names by spaces.
    for image in scene.images where image.name.contains(where: { $0.isWhitespace }) {
      throw ReconstructionError.unusableName(
        image: image.name.oneLine,
        reason: "COLMAP's text files cannot hold a name with spaces; rename the photo, or use --colmap")
    }
    try Folder.make(folder)
    for image in scene.images {
      let path = "\(folder)/\(image.name).txt"
      try Folder.make(Path.folder(of: path))
      let file = try LargeTextFile(path: path)
      try file.write("\(image.keypoints.count) 128\n")
      for position in image.keypoints.positions {
        let point = SIMD2<Float>(image.frame(position))
        try file.write("\(point.x) \(point.y) 1 0\(Self.noDescriptor)\n")
      }
      // Frees the descriptor: there may be thousands of images.
      try file.finishWriting()
      keypoints.append(file)
    }
    raw = try LargeTextFile(path: "\(folder)/\(Self.rawName)")
    inliers = try LargeTextFile(path: "\(folder)/\(Self.inlierName)")
  }

  package func add(_ pair: ScenePair, of scene: Scene) throws {
    let names = "\(scene.images[pair.image0].name) \(scene.images[pair.image1].name)\n"
    func block(where isKept: (Int) -> Bool) -> String {
      let rows = (0..<pair.matches.count).filter(isKept).map {
        "\(pair.matches.keypoints0[$0]) \(pair.matches.keypoints1[$0])\n"
      }
      return names + rows.joined() + "\n"
    }
    try raw?.write(block { _ in true })
    if pair.views.configuration != .degenerate { try inliers?.write(block { pair.views.inliers[$0] }) }
  }

  package func finish() throws {
    for file in keypoints { try file.commit() }
    try raw?.commit()
    try inliers?.commit()
  }
}

/// A text file written piece by piece; it appears under its name at `commit`.
final class LargeTextFile {
  private let file: TemporaryFile
  private let stream: UnsafeMutablePointer<FILE>
  private var isOpen = true

  init(path: String) throws(FileError) {
    file = try TemporaryFile(path: path)
    guard let stream = fopen(file.temporaryPath, "we") else {
      throw .cannotWrite(path: path, reason: SystemError().reason)
    }
    self.stream = stream
  }

  deinit { if isOpen { fclose(stream) } }

  func write(_ text: String) throws(FileError) {
    var text = text
    let isWritten = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, stream) == $0.count }
    guard isWritten else { throw .cannotWrite(path: file.path, reason: SystemError().reason) }
  }

  /// Empties the buffer and frees the descriptor.
  func finishWriting() throws(FileError) {
    guard isOpen else { return }
    isOpen = false
    guard fclose(stream) == 0 else { throw .cannotWrite(path: file.path, reason: SystemError().reason) }
  }

  func commit() throws(FileError) {
    try finishWriting()
    try file.commit()
  }
}
