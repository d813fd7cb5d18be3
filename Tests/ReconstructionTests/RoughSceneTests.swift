// Every file of a scene with noise and wrong matches, against what is known of the scene and against each other.

import Foundation
import Geometry
import Testing
import Tracks

@testable import Reconstruction

@Suite struct RoughSceneTests {
  /// What a database holds, by names.
  private struct Contents {
    var keypoints: [String: [SIMD2<Double>]] = [:]
    var matches: [[String]: [[Int]]] = [:]
    var verified: [[String]: [[Int]]] = [:]
    var matrices: [[String]: (configuration: Int, f: [Double], e: [Double], h: [Double])] = [:]

    init(_ path: String) throws {
      let reader = try DatabaseReader(path)
      let names = try reader.rows("SELECT name FROM images ORDER BY image_id").map {
        try #require($0[0] as? String)
      }
      for (index, name) in names.enumerated() {
        let row = try reader.rows("SELECT data, rows FROM keypoints WHERE image_id = \(index + 1)")[0]
        let values = try numbers(row[0], as: Float.self).map { Double($0) }
        #expect(values.count == 2 * (row[1] as? Int ?? -1))
        keypoints[name] = stride(from: 0, to: values.count, by: 2).map { SIMD2(values[$0], values[$0 + 1]) }
      }
      func pairs(_ table: String, _ rest: String = "") throws -> [([String], [[Int]], [Any])] {
        try reader.rows("SELECT pair_id, data, rows\(rest) FROM \(table)").map { row in
          let identifier = try #require(row[0] as? Int)
          let pair = [names[identifier / 2_147_483_647 - 1], names[identifier % 2_147_483_647 - 1]]
          let ends = try numbers(row[1], as: UInt32.self).map { Int($0) }
          #expect(ends.count == 2 * (row[2] as? Int ?? -1))
          return (pair, stride(from: 0, to: ends.count, by: 2).map { [ends[$0], ends[$0 + 1]] }, row)
        }
      }
      for (pair, rows, _) in try pairs("matches") { matches[pair] = rows }
      for (pair, rows, all) in try pairs("two_view_geometries", ", config, F, E, H") {
        verified[pair] = rows
        matrices[pair] = (
          try #require(all[3] as? Int), try numbers(all[4], as: Double.self),
          try numbers(all[5], as: Double.self),
          try numbers(all[6], as: Double.self)
        )
      }
    }
  }

  private func export(
    _ folder: TestFolder, _ scene: RoughScene, _ options: SceneOptions = SceneOptions(),
    _ others: [any SceneWriter] = []
  ) throws -> (contents: Contents, summary: SceneSummary) {
    let writers = [try ColmapDatabase(path: folder("d.db"))] + others
    let summary = try SceneExport(store: scene.store(in: folder), path: "store", options: options).write(
      to: writers)
    return (try Contents(folder("d.db")), summary)
  }

  /// Shares of matches whose ends show the same point of the scene.
  private func rightShare(_ rows: [[String]: [[Int]]], _ contents: Contents, _ scene: RoughScene) throws
    -> Double
  {
    var (right, all) = (0, 0)
    for (pair, rows) in rows {
      let (points0, points1) = (
        try #require(contents.keypoints[pair[0]]), try #require(contents.keypoints[pair[1]])
      )
      for row in rows {
        let point = scene.point(at: points0[row[0]] - 0.5, in: pair[0])
        #expect(point != nil)
        if point == scene.point(at: points1[row[1]] - 0.5, in: pair[1]) { right += 1 }
        all += 1
      }
    }
    return Double(right) / Double(max(all, 1))
  }

  /// 66 pairs, all with their matches, those of view 11 without geometry; wrong matches have no part in it.
  @Test func everyPairWithItsRightMatches() throws {
    let scene = RoughScene()
    let (contents, summary) = try export(TestFolder(), scene)
    let (pairs, views) = (scene.pairs.count, RoughScene.viewCount)
    #expect(contents.matches.count == pairs && contents.verified.count == pairs - (views - 1))
    #expect(summary.configurations[.degenerate] == views - 1)
    #expect(contents.verified.keys.allSatisfy { !$0.contains(scene.names[RoughScene.degenerateView]) })
    // No keypoint but the points of the scene: what disagrees with its pair does not vote.
    for (view, name) in scene.names.enumerated() {
      #expect(contents.keypoints[name]?.count == scene.seen[view].count { $0 != nil })
    }
    let stored = scene.pairs.reduce(0) { $0 + ($1.matches?.count ?? 0) }
    #expect(contents.matches.values.reduce(0) { $0 + $1.count } == stored)
    #expect(try rightShare(contents.matches, contents, scene) < 0.97)
    #expect(try rightShare(contents.verified, contents, scene) > 0.995)
    #expect(summary.inlierCount == contents.verified.values.reduce(0) { $0 + $1.count })
    // An error of 2.2 px of the photo is 1.1 of the network's, within the threshold.
    let right = scene.pairs.reduce(0) { $0 + ($1.matches?.inliers.count { $0 } ?? 0) }
    #expect(Double(summary.inlierCount) > 0.98 * Double(right - 10 * (views - 1)))
    for (pair, matrices) in contents.matrices {
      #expect(matrices.configuration == TwoViewConfiguration.uncalibrated.rawValue)
      try expectEpipolar(Matrix3(rowMajor: matrices.f), pair, contents)
    }
  }

  /// Nearly all: of a calibrated pair the inliers may be those of F, which E need not all hold for.
  private func expectEpipolar(_ matrix: Matrix3, _ pair: [String], _ contents: Contents) throws {
    let (points0, points1) = (
      try #require(contents.keypoints[pair[0]]), try #require(contents.keypoints[pair[1]])
    )
    let rows = contents.verified[pair] ?? []
    let agreeing = rows.count { EpipolarError.sampson(matrix, points0[$0[0]], points1[$0[1]]) < 3 }
    #expect(Double(agreeing) >= 0.95 * Double(rows.count) && agreeing > 15, "\(pair)")
  }

  /// A keypoint is the mean of what all pairs found of its point: nearer to the truth than one pair's match.
  @Test func mergingTakesNoiseOut() throws {
    let scene = RoughScene()
    let (contents, summary) = try export(TestFolder(), scene)
    #expect(summary.shift.count == 2 * summary.inlierCount)
    #expect((0.1...0.3).contains(summary.shift.mean))
    for (view, name) in scene.names.enumerated() {
      // Every right match votes with its score.
      var sums: [Int: (weight: Double, point: SIMD2<Double>)] = [:]
      for pair in scene.pairs {
        guard let matches = pair.matches, [pair.name0, pair.name1].contains(name) else { continue }
        let found = matches.correspondences
        let points = pair.name0 == name ? found.points0 : found.points1
        for index in points.indices where matches.inliers[index] {
          let (position, weight) = (points[index], found.scores[index])
          let point = try #require(scene.point(at: position, in: name))
          let sum = sums[point] ?? (0, .zero)
          sums[point] = (sum.weight + weight, sum.point + weight * position)
        }
      }
      #expect(sums.count == scene.seen[view].count { $0 != nil })
      for position in contents.keypoints[name] ?? [] {
        let point = try #require(scene.point(at: position - 0.5, in: name))
        let sum = try #require(sums[point])
        let offset = sum.point / sum.weight - (position - 0.5)
        #expect((offset * offset).sum() < 1e-6)
      }
    }
    var errors: [Double] = []
    for (view, name) in scene.names.enumerated() where view < 10 {
      for position in contents.keypoints[name] ?? [] {
        let point = try #require(scene.point(at: position - 0.5, in: name))
        let error = position - 0.5 - (scene.seen[view][point] ?? .zero)
        errors.append((error * error).sum().squareRoot())
      }
    }
    // Noise of 0.15 px along each axis, some ten votes: 0.15 * 1.25 / sqrt(9) px.
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.1)
  }

  /// Where a photo may have 50 keypoints, they are those of the same points in all photos, and belong together.
  @Test func limitKeepsTracksThatBelongTogether() throws {
    var options = SceneOptions()
    options.merging.maximumKeypoints = 50
    let scene = RoughScene()
    let (contents, summary) = try export(TestFolder(), scene, options)
    let full = (0..<10).map { scene.names[$0] }
    let points = full.map { name in
      Set((contents.keypoints[name] ?? []).map { scene.point(at: $0 - 0.5, in: name) })
    }
    #expect(points.allSatisfy { $0.count == 50 && $0 == points[0] })
    #expect(summary.tracks.ambiguousCount <= 10)
  }

  /// Essential matrices between known cameras, in rows, from the first image to the second.
  @Test func essentialMatricesHold() throws {
    var options = SceneOptions()
    options.camera = RoughScene.camera
    let (contents, _) = try export(TestFolder(), RoughScene(), options)
    let inverse = try #require(
      Camera(fx: 1000, fy: 1100, cx: 590.5, cy: 410.5).matrix.inverse)
    #expect(contents.matrices.count == 55)
    for (pair, matrices) in contents.matrices {
      #expect(matrices.configuration == TwoViewConfiguration.calibrated.rawValue)
      try expectEpipolar(inverse.transpose * Matrix3(rowMajor: matrices.e) * inverse, pair, contents)
      try expectEpipolar(Matrix3(rowMajor: matrices.f), pair, contents)
    }
  }

  /// Homographies of a plane, likewise.
  @Test func homographiesHold() throws {
    var options = SceneOptions()
    options.camera = RoughScene.camera
    let folder = try TestFolder()
    let (contents, _) = try export(folder, RoughScene(isPlane: true), options)
    #expect(contents.matrices.count == 55)
    for (pair, matrices) in contents.matrices {
      #expect(matrices.configuration == TwoViewConfiguration.planar.rawValue)
      let matrix = Matrix3(rowMajor: matrices.h)
      let (points0, points1) = (
        try #require(contents.keypoints[pair[0]]), try #require(contents.keypoints[pair[1]])
      )
      let rows = contents.verified[pair] ?? []
      // A plane leaves F some freedom, with which it takes in wrong matches: the homography holds for the others.
      let agreeing = rows.count { ReprojectionError.forward(matrix, points0[$0[0]], points1[$0[1]]) < 4 }
      #expect(Double(agreeing) >= 0.9 * Double(rows.count) && agreeing > 15, "\(pair)")
    }
    let camera = try DatabaseReader(folder("d.db")).rows("SELECT params FROM cameras")[0]
    #expect(try numbers(camera[0], as: Double.self) == [1000, 1100, 590.5, 410.5])
  }

  /// The text files and hloc's hold what the database does, by names.
  @Test func otherFilesHoldTheSame() throws {
    let (folder, scene) = (try TestFolder(), RoughScene())
    let (contents, _) = try export(
      folder, scene, SceneOptions(),
      [
        ColmapText(folder: folder("text")),
        try HlocFiles(features: folder("features.h5"), matches: folder("matches.h5")),
        PairCSVFolder(folder: folder("csv")),
      ])
    for (file, expected) in [("matches.raw", contents.matches), ("matches.inliers", contents.verified)] {
      var found: [[String]: [[Int]]] = [:]
      for block in try folder.text("text/\(file)").components(separatedBy: "\n\n") where !block.isEmpty {
        let lines = block.components(separatedBy: "\n").map { $0.components(separatedBy: " ") }
        found[lines[0]] = lines[1...].map { $0.compactMap { Int($0) } }
      }
      #expect(found == expected, "\(file)")
    }
    let (features, matches) = (try HDF5Reader(folder("features.h5")), try HDF5Reader(folder("matches.h5")))
    for (name, points) in contents.keypoints {
      let lines = try folder.text("text/\(name).txt").split(separator: "\n").dropFirst()
      let listed = lines.map { $0.split(separator: " ").prefix(2).compactMap { Double($0) } }
      #expect(zip(listed, points).allSatisfy { abs($0[0] - $1.x) < 1e-3 && abs($0[1] - $1.y) < 1e-3 })
      #expect(listed.count == points.count)
      // hloc's pixels are ours.
      let (values, extents) = try features.floats("\(name)/keypoints")
      #expect(extents == [points.count, 2])
      for (index, point) in points.enumerated() {
        #expect(abs(Double(values[2 * index]) + 0.5 - point.x) < 1e-3)
        #expect(abs(Double(values[2 * index + 1]) + 0.5 - point.y) < 1e-3)
      }
      #expect(try features.integers("\(name)/image_size").values == [1200, 800])
      // Most votes first.
      let weights = try features.floats("\(name)/scores").values
      #expect(weights.count == points.count && weights == weights.sorted(by: >) && Set(weights).count > 5)
    }
    for pair in scene.pairs {
      let lines = try folder.text("csv/\(pair.name0)/\(pair.name1).csv").split(separator: "\n").dropFirst()
      let rows = lines.map { $0.split(separator: ",").compactMap { Double($0) } }
      let matches = try #require(pair.matches)
      try #require(rows.count == matches.count)
      for (index, row) in rows.enumerated() {
        let found = matches.correspondences
        let (point0, point1) = (found.points0[index], found.points1[index])
        let expected = [point0.x, point0.y, point1.x, point1.y, found.scores[index]]
        #expect(zip(row, expected).allSatisfy { abs($0 - $1) < 0.001 })
        #expect(row.count == 6 && row[5] == (matches.inliers[index] ? 1 : 0))
      }
    }
    let stored = Dictionary(uniqueKeysWithValues: scene.pairs.map { (Set([$0.name0, $0.name1]), $0) })
    for (pair, rows) in contents.matches {
      let group = pair.map { $0.replacingOccurrences(of: "/", with: "-") }.joined(separator: "/")
      let partners = try matches.integers("\(group)/matches0").values
      let scores = try matches.floats("\(group)/matching_scores0").values
      var expected = [Int32](repeating: -1, count: contents.keypoints[pair[0]]?.count ?? 0)
      for row in rows { expected[row[0]] = Int32(row[1]) }
      #expect(partners == expected)
      // Every match with its own score.
      let found = rows.map { scores[$0[0]] }.sorted()
      #expect(found == stored[Set(pair)]?.matches?.correspondences.scores.map { Float($0) }.sorted())
      #expect(scores.count { $0 == 0 } == scores.count - rows.count)
    }
  }
}
