// A CSV of every pair, as `match a b --output` writes it: the pair's own points, not merged into keypoints.
// `a.jpg` with `b.jpg` is `a.jpg/b.jpg.csv` in the folder: a name of two parts that no other pair can have.

import Export
import Files

/// Writes a folder of CSV files.
package final class PairCSVFolder: SceneWriter {
  private let folder: String

  /// See `SceneWriter`.
  package var outputs: [String] { [folder] }

  /// A writer to a folder, which is made if it is missing.
  package init(folder: String) { self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder }

  /// See `SceneWriter`.
  package func begin(_ scene: Scene) throws { try Folder.make(folder) }

  /// See `SceneWriter`.
  package func add(_ pair: ScenePair, of scene: Scene) throws {
    guard let matches = pair.stored.matches else { return }
    let path = "\(folder)/\(pair.stored.name0)/\(pair.stored.name1).csv"
    try Folder.make(Path.folder(of: path))
    let bytes = CorrespondenceCSV.encode(matches.correspondences, inliers: matches.inliers)
    try AtomicFile.write(bytes, to: path)
  }

  /// See `SceneWriter`.
  package func finish() throws {}
}
