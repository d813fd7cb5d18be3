// The text files for COLMAP's importers, the CSV files and hloc's files.

import Foundation
import PairStore
import Testing
import Tracks

@testable import Reconstruction

@Suite struct TextAndHlocTests {
  private func export(_ folder: TestFolder, _ scene: SyntheticScene, _ writer: any SceneWriter) throws {
    let store = try scene.store(in: folder)
    _ = try SceneExport(store: store, path: "store", options: SceneOptions()).write(to: [writer])
  }

  @Test func colmapText() throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    try export(folder, scene, ColmapText(folder: folder("text/")))
    #expect(
      try folder.files() == [
        "store/shard-1-of-1.pairs", "text/matches.inliers", "text/matches.raw", "text/photos/a.jpg.txt",
        "text/photos/b.jpg.txt", "text/photos/c.jpg.txt", "text/photos/d.jpg.txt",
      ])
    let lines = try folder.text("text/photos/b.jpg.txt").split(separator: "\n")
    #expect(lines.count == 201 && lines[0] == "200 128")
    let fields = lines[1].split(separator: " ")
    #expect(fields.count == 132 && fields[2] == "1" && fields[3] == "0")
    let first = scene.project(scene.points[0], view: 0) + 0.5
    let points = lines[1...].map { line in line.split(separator: " ").prefix(2).compactMap { Float($0) } }
    #expect(points.contains { abs($0[0] - first.x) < 1e-3 && abs($0[1] - first.y) < 1e-3 })
    // Six blocks: a line of names, a row a match, an empty line.
    for name in ["text/matches.raw", "text/matches.inliers"] {
      let blocks = try folder.text(name).components(separatedBy: "\n\n").filter { !$0.isEmpty }
      #expect(blocks.count == 6)
      for block in blocks {
        let rows = block.split(separator: "\n")
        #expect(rows[0].hasPrefix("photos/") && rows[0].split(separator: " ").count == 2)
        #expect(rows.count > 180)
        #expect(rows[1...].allSatisfy { $0.split(separator: " ").compactMap { Int($0) }.count == 2 })
      }
    }
  }

  @Test func namesWithSpacesAreRefused() throws {
    let folder = try TestFolder()
    var scene = SyntheticScene()
    scene.names[0] = "my photo.jpg"
    #expect {
      try export(folder, scene, ColmapText(folder: folder("text")))
    } throws: { error in
      "\(error)".contains("'my photo.jpg'") && "\(error)".contains("--colmap")
    }
    #expect(try folder.files() == ["store/shard-1-of-1.pairs"])
  }

  @Test func csvOfEveryPair() throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    try export(folder, scene, PairCSVFolder(folder: folder("csv")))
    let files = try folder.files().filter { $0.hasPrefix("csv/") }
    #expect(files.count == 6)
    #expect(files.contains("csv/photos/b.jpg/photos/c.jpg.csv"))
    let lines = try folder.text("csv/photos/b.jpg/photos/c.jpg.csv").split(separator: "\n")
    #expect(lines.count == 201 && lines[0] == "x0,y0,x1,y1,score,inlier")
    // The store's own points, not merged, in their order.
    let point = scene.project(scene.points[0], view: 0)
    let fields = lines[1].split(separator: ",").compactMap { Float($0) }
    #expect(fields.count == 6 && abs(fields[0] - point.x) < 0.001 && abs(fields[1] - point.y) < 0.001)
  }

  /// That the tables hold what hloc expects is checked with h5py (Benchmarks/check_exports.py).
  @Test func hlocFilesAreHDF5() throws {
    let (folder, scene) = (try TestFolder(), SyntheticScene())
    try export(
      folder, scene, try HlocFiles(features: folder("features.h5"), matches: folder("matches.h5")))
    #expect(try folder.files() == ["features.h5", "matches.h5", "store/shard-1-of-1.pairs"])
    for name in ["features.h5", "matches.h5"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder(name)))
      #expect(Array(bytes.prefix(8)) == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
      #expect(bytes.count > 6 * 200 * 8)
    }
    do {
      let writer = try HlocFiles(features: folder("other.h5"), matches: folder("more.h5"))
      try writer.begin(Scene(cameras: [], images: []))
    }
    #expect(try folder.files() == ["features.h5", "matches.h5", "store/shard-1-of-1.pairs"])
  }
}
