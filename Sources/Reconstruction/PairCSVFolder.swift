import Export
import Files

/// Writes one CSV per pair, as `match a b --output` does: the pair's own points, not merged into keypoints. The pair
/// `a.jpg`, `b.jpg` goes to `a.jpg/b.jpg.csv`, so no two pairs share a name.
package final class PairCSVFolder: SceneWriter {
  private let folder: String

  package var outputs: [String] { [folder] }

  package init(folder: String) { self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder }

  package func begin(_ scene: Scene) throws { try Folder.make(folder) }

  package func add(_ pair: ScenePair, of scene: Scene) throws {
    guard let matches = pair.stored.matches else { return }
    let path = "\(folder)/\(pair.stored.name0)/\(pair.stored.name1).csv"
    try Folder.make(Path.folder(of: path))
    let bytes = CorrespondenceCSV.encode(matches.correspondences, inliers: matches.inliers)
    try AtomicFile.write(bytes, to: path)
  }

  package func finish() throws {}
}
