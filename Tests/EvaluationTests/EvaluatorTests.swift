// The whole way from pairs to the table, with matches whose quality is known.

import Files
import Geometry
import Imaging
import Tensor
import Testing
import TestSupport

@testable import Evaluation

@Suite struct EvaluatorTests {
  /// A dataset of synthetic pairs, each with its own first picture in the folder.
  private func dataset(_ pairs: [SyntheticPair], in folder: borrowing DatasetFolder) throws
    -> EvaluationDataset
  {
    try folder.writePicture("second.png", width: SyntheticPair.width, height: SyntheticPair.height)
    let entries = try pairs.enumerated().map { index, pair in
      let name = "\(index).png"
      try folder.writePicture(
        name, width: SyntheticPair.width, height: SyntheticPair.height, brightness: UInt8(index))
      return EvaluationDataset.Entry.usable(
        EvaluationPair(
          image0: name, image1: "second.png", path0: folder.file(name), path1: folder.file("second.png"),
          truth: .pose(pair.truth), grade: index % 2 == 0 ? "easy" : "hard"))
    }
    return try EvaluationDataset(name: "synthetic", task: .pose, entries: entries)
  }

  private func rules(_ name: EvaluationProtocol, repeats: Int = 1) -> EvaluationRules {
    EvaluationRules(protocolName: name, repeats: repeats, precisionThreshold: 1e-4)
  }

  @Test(arguments: EvaluationProtocol.allCases) func noisyMatchesGiveGoodPoses(name: EvaluationProtocol)
    throws
  {
    let folder = try DatasetFolder()
    let pairs = (0..<20).map { SyntheticPair(seed: UInt64($0)) }
    let dataset = try dataset(pairs, in: folder)
    let evaluator = Evaluator(dataset: dataset, rules: rules(name), cache: nil, compute: Compute(threads: 2))
    let paths = dataset.pairs.map(\.path0)
    let good = ScriptedMatcher(
      Dictionary(uniqueKeysWithValues: zip(paths, pairs.map { $0.noisyMatches(seed: 7) })), name: "good")
    let bad = ScriptedMatcher(
      Dictionary(uniqueKeysWithValues: zip(paths, pairs.map { $0.shuffledMatches(seed: 7) })), name: "bad")
    let result = evaluator([good, bad], version: "test", maxSize: 0)
    try #require(result.matchers.map(\.matcher) == ["good", "bad", "good", "bad", "good", "bad"])
    #expect(result.matchers.map(\.grade) == [nil, nil, "easy", "easy", "hard", "hard"])
    #expect(result.matchers.map(\.pairs) == [20, 20, 10, 10, 10, 10])
    #expect(result.matchers[0].auc[0] > 90, "\(result.matchers[0].auc)")
    #expect(result.matchers[1].auc[0] < 3, "\(result.matchers[1].auc)")
    // Half of the matches are right, and two keypoints stand behind each match.
    #expect((45...52).contains(result.matchers[0].precision), "\(result.matchers[0].precision)")
    #expect(abs(result.matchers[0].matchingScore - result.matchers[0].precision / 2) < 1e-9)
    #expect(result.matchers[1].precision < 10)
    #expect(result.matchers[0].secondsPerPair == 0.25)
    #expect(result.pairs.count == 40)
  }

  @Test func failuresAreCountedAndNamed() throws {
    let folder = try DatasetFolder()
    let pairs = (0..<4).map { SyntheticPair(seed: UInt64($0)) }
    var dataset = try dataset(pairs, in: folder)
    let paths = dataset.pairs.map(\.path0)
    if case .usable(var pair) = dataset.entries[1] {
      pair.path1 = folder.file("missing.png")
      dataset.entries[1] = .usable(pair)
    }
    dataset.entries[2] = .broken(
      BrokenPair(image0: "x", image1: "y", error: .malformed(path: "pairs.txt", line: 3, reason: "torn")))
    let few = SyntheticPair.prediction(Array(pairs[3].points0.prefix(4)), Array(pairs[3].points1.prefix(4)))
    let matcher = ScriptedMatcher([paths[0]: pairs[0].noisyMatches(seed: 1), paths[3]: few])
    let evaluator = Evaluator(
      dataset: dataset, rules: rules(.classic, repeats: 3), cache: nil, compute: Compute(threads: 2))
    let result = evaluator([matcher], version: "test", maxSize: 0)
    let rows = result.pairs
    #expect(rows[0].failure == nil && rows[0].errors.count == 3 && rows[0].inliers > 100)
    #expect(rows[0].medianError < 5)
    #expect(rows[0].rotationError != nil && rows[0].translationError != nil)
    #expect(rows[1].failure?.contains("missing.png: no such file") == true)
    #expect(rows[2].failure == "pairs.txt:3: torn" && rows[2].image0 == "x")
    #expect(rows[3].failure == "no pose from 4 matches" && rows[3].matches == 4)
    for row in rows.dropFirst() { #expect(row.errors == [nil, nil, nil] && row.medianError == .infinity) }
    #expect(result.matchers[0].failures == 3 && result.matchers[0].pairs == 4)
    // Three of four are infinitely wrong.
    #expect(result.matchers[0].auc[2] <= 25 && result.matchers[0].auc[2] > 20)
    // JSON and CSV hold them without infinities.
    #expect(try RecordJSON.encode([result]).count > 100)
    let lines = String(decoding: OutcomeCSV.encode([result]), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == OutcomeCSV.header)
    #expect(lines[3].hasPrefix("scripted,x,y,,inf,"))
  }

  @Test func turnedPhotosGiveTheSameErrors() throws {
    let folder = try DatasetFolder()
    let pair = SyntheticPair(seed: 3)
    var dataset = try dataset([pair], in: folder)
    let matches = pair.noisyMatches(seed: 3)
    var errors: [Double] = []
    for count in 0..<4 {
      let turns = QuarterTurns(count)
      if case .usable(var usable) = dataset.entries[0] {
        usable.turns1 = turns
        dataset.entries[0] = .usable(usable)
      }
      var turned = matches
      turned.correspondences = matches.correspondences.mapped(
        { $0 }, { turns.turned($0, width: SyntheticPair.width, height: SyntheticPair.height) })
      let matcher = ScriptedMatcher([dataset.pairs[0].path0: turned])
      let evaluator = Evaluator(
        dataset: dataset, rules: rules(.modern), cache: nil, compute: Compute(threads: 1))
      let outcome = evaluator([matcher], version: "test", maxSize: 0).pairs[0]
      errors.append(outcome.medianError)
      #expect(outcome.precision.map { abs($0 - 0.5) < 0.05 } == true)
      // Pictures are drawn on the photos as stored.
      let drawn = try #require(evaluator.matches(of: outcome, [matcher]))
      for (point, expected) in zip(drawn.correspondences.points1, matches.correspondences.points1) {
        #expect(abs(point.x - expected.x) < 1e-9 && abs(point.y - expected.y) < 1e-9)
      }
      #expect(drawn.inliers?.count { $0 } == outcome.inliers)
    }
    for error in errors { #expect(error < 3, "\(errors)") }
  }

  @Test(arguments: [EvaluationProtocol.classic, .modern]) func homographiesAreMeasuredInResizedPhotos(
    name: EvaluationProtocol
  ) throws {
    let folder = try DatasetFolder()
    try folder.writePicture("s/1.png", width: 1280, height: 960)
    try folder.writePicture("s/2.png", width: 1280, height: 960)
    // 8 px to the right in the stored photos are 4 px where the shorter side is 480.
    try folder.write("1 0 8\n0 1 0\n0 0 1\n", to: "s/H_1_2")
    let dataset = try HomographyFolders.dataset(path: folder.path)
    var random = SeededGenerator(5)
    let points = (0..<1500).map { _ in SIMD2(random.uniform(0...600), random.uniform(0...479)) }
    // The 1000 best matches are 4 + 1 px off, the others would spoil them.
    let partners = points.enumerated().map { index, point in
      index < 1000 ? point + SIMD2(5, 0) : SIMD2(random.uniform(0...639), random.uniform(0...479))
    }
    let matcher = ScriptedMatcher([folder.file("s/1.png"): SyntheticPair.prediction(points, partners)])
    var rules = rules(name)
    rules.precisionThreshold = 3
    let evaluator = Evaluator(dataset: dataset, rules: rules, cache: nil, compute: Compute(threads: 1))
    let result = evaluator([matcher], version: "test", maxSize: 0)
    let outcome = result.pairs[0]
    #expect(abs(outcome.medianError - 1) < 1e-3, "\(outcome)")
    #expect(outcome.inliers == 1000 && outcome.precision == 1)
    // The curve rises to 1 at 1 px: (3 - 1 / 2) / 3.
    #expect(abs(result.matchers[0].auc[0] - 100 * 2.5 / 3) < 0.1)
  }

  @Test func disparitiesHavePrecisionAndNothingElse() throws {
    let folder = try DatasetFolder()
    for name in ["a.png", "b.png"] { try folder.writePicture(name, width: 960, height: 960) }
    try folder.writePicture("d.png", width: 960, height: 960, brightness: 20)
    try folder.write("disparity a.png b.png d.png\n", to: "real.txt")
    let dataset = try RealPairs.dataset(path: folder.file("real.txt"), images: folder.path)
    // 20 px in the stored photos are 10 px at a shorter side of 480.
    let points = [SIMD2<Double>(100, 50), SIMD2(200, 60), SIMD2(300, 70), SIMD2(400, 80)]
    let partners = [SIMD2<Double>(90, 50), SIMD2(188, 60), SIMD2(294, 70), SIMD2(390, 84)]
    let matcher = ScriptedMatcher([folder.file("a.png"): SyntheticPair.prediction(points, partners)])
    let rules = EvaluationRules(precisionThreshold: 3)
    let evaluator = Evaluator(dataset: dataset, rules: rules, cache: nil, compute: Compute(threads: 1))
    let result = evaluator([matcher], version: "test", maxSize: 0)
    #expect(
      result.pairs[0].precision == 0.5 && result.pairs[0].errors.isEmpty && result.pairs[0].failure == nil)
    #expect(result.matchers[0].auc.isEmpty && result.matchers[0].failures == 0)
  }
}
