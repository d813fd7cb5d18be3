// Text files for COLMAP's own importers, which no change of its database concerns: a file of keypoints for each image
// (`feature_importer`), matches of all pairs and those that agree with the geometry (`matches_importer --match_type
// raw` and `inliers`). Descriptors are not known; they are zeros. Pixels are COLMAP's.

import Files
import Glibc
import Tracks

/// Writes a folder for COLMAP's importers.
package final class ColmapText: SceneWriter {
  /// The list of all matches in the folder. (Files of keypoints are called after their images, with ".txt" behind.)
  package static let rawName = "matches.raw"
  /// The list of matches that agree with the geometry.
  package static let inlierName = "matches.inliers"

  private let folder: String
  private var raw: LargeTextFile?
  private var inliers: LargeTextFile?
  private var keypoints: [LargeTextFile] = []
  private static let noDescriptor = String(repeating: " 0", count: 128)

  /// See `SceneWriter`.
  package var outputs: [String] { [folder] }

  /// A writer to a folder, which is made if it is missing.
  package init(folder: String) { self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder }

  /// See `SceneWriter`.
  package func begin(_ scene: Scene) throws {
    // The lists of matches separate names by spaces.
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
      // All bytes are on their way; only the name is missing.
      try file.finishWriting()
      keypoints.append(file)
    }
    raw = try LargeTextFile(path: "\(folder)/\(Self.rawName)")
    inliers = try LargeTextFile(path: "\(folder)/\(Self.inlierName)")
  }

  /// See `SceneWriter`.
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

  /// See `SceneWriter`.
  package func finish() throws {
    for file in keypoints { try file.commit() }
    try raw?.commit()
    try inliers?.commit()
  }
}

/// A text file that grows in pieces and appears under its name at `commit`.
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

  deinit {
    if isOpen { fclose(stream) }
  }

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
