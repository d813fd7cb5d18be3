// Predictions on disk: found again bit by bit, never found when anything they depend on changed, and worthless when
// they are torn or damaged.

import Foundation
import Geometry
import Imaging
import Tensor
import Testing

@testable import Evaluation

@Suite struct PredictionCacheTests {
  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private let framed = FramedPrediction(
    prediction: Prediction(
      correspondences: Correspondences(
        points0: [SIMD2(1.5, -0.25), SIMD2(0.1, 3)], points1: [SIMD2(7, 8), SIMD2(9, 1e-300)],
        scores: [0.9, 0.1],
        precisions: [
          PointPrecision(
            covariance: PointCovariance(xx: 0.01, xy: -0.002, yy: 0.03), source: .refined,
            map: Map2(1, 0.1, -0.2, 0.9)),
          PointPrecision(covariance: PointCovariance(deviation: 1.1), source: .network, map: .identity),
        ]),
      keypoints: Pair(300, 400), seconds: 1.25),
    frame0: PhotoFrame(storedWidth: 640, storedHeight: 480, turns: QuarterTurns(1), width: 480, height: 640),
    frame1: PhotoFrame(storedWidth: 800, storedHeight: 600, turns: .none, width: 640, height: 480))

  @Test func whatIsKeptIsFound() throws {
    let folder = try DatasetFolder()
    let cache = try PredictionCache(folder: folder.file("a/b/c"), program: "p")
    #expect(cache.prediction("key") == nil)
    try cache.store(framed, "key")
    #expect(cache.prediction("key") == framed)
    var bare = framed
    bare.prediction.correspondences = framed.prediction.correspondences.mapped({ $0 }, { $0 })
    #expect(PredictionCache.decoded(PredictionCache.encoded(bare)) == bare)
    #expect(try files(folder.file("a/b/c")) == ["key"])
  }

  @Test func damagedFilesAreIgnored() throws {
    let bytes = PredictionCache.encoded(framed)
    #expect(PredictionCache.decoded(bytes) == framed)
    for count in 0..<bytes.count { #expect(PredictionCache.decoded(Array(bytes[..<count])) == nil) }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 4
      #expect(PredictionCache.decoded(damaged) == nil, "byte \(index)")
    }
    #expect(PredictionCache.decoded(bytes + [0]) == nil)
  }

  @Test func namesDependOnEverything() throws {
    let folder = try DatasetFolder()
    let cache = try PredictionCache(folder: folder.path, program: "p")
    let other = try PredictionCache(folder: folder.path, program: "q")
    let (first, second) = (ScriptedMatcher([:], identity: "a"), ScriptedMatcher([:], identity: "b"))
    let photos: [(bytes: [UInt8], framing: String)] = [([1], "x"), ([2], "x")]
    let keys = [
      cache.key(matcher: first, photos: photos), cache.key(matcher: second, photos: photos),
      other.key(matcher: first, photos: photos), cache.key(matcher: first, photos: [photos[1], photos[0]]),
      cache.key(matcher: first, photos: [photos[0], ([3], "x")]),
      cache.key(matcher: first, photos: [photos[0], ([2], "y")]),
    ]
    #expect(Set(keys).count == keys.count)
    #expect(cache.key(matcher: first, photos: photos) == keys[0])
  }

  @Test func foldersThatCannotBeMadeAreRefused() throws {
    let folder = try DatasetFolder()
    try folder.write("", to: "file")
    do {
      _ = try PredictionCache(folder: folder.file("file/inside"), program: "p")
      Issue.record("a file was taken for a folder")
    } catch {
      #expect("\(error)".contains("file/inside: cannot store predictions"))
    }
  }

  /// An evaluation that stopped half-way, a torn file, another protocol: only what is missing is matched.
  @Test func evaluationsGoOnWhereTheyStopped() throws {
    let folder = try DatasetFolder()
    try folder.writePicture("b.png", width: 640, height: 480)
    let pairs = try (0..<3).map { index in
      let name = "\(index).png"
      try folder.writePicture(name, width: 640, height: 480, brightness: UInt8(index))
      return EvaluationPair(
        image0: name, image1: "b.png", path0: folder.file(name), path1: folder.file("b.png"),
        truth: .pose(SyntheticPair(seed: UInt64(index)).truth))
    }
    func predictions(_ count: Int) -> [String: Prediction] {
      Dictionary(
        uniqueKeysWithValues: pairs.prefix(count).enumerated().map { index, pair in
          (pair.path0, SyntheticPair(seed: UInt64(index)).noisyMatches(seed: 1))
        })
    }
    let dataset = try EvaluationDataset(name: "d", task: .pose, entries: pairs.map { .usable($0) })
    let cache = try PredictionCache(folder: folder.file("cache"), program: "p")
    func run(_ matcher: ScriptedMatcher, _ name: EvaluationProtocol = .classic) -> EvaluationResult {
      let rules = EvaluationRules(protocolName: name, repeats: 1, precisionThreshold: 1e-4)
      return Evaluator(dataset: dataset, rules: rules, cache: cache, compute: Compute(threads: 1))(
        [matcher], version: "test", maxSize: 0)
    }
    let stopped = ScriptedMatcher(predictions(2))
    #expect(run(stopped).matchers[0].failures == 1 && stopped.called.count == 3)
    let resumed = ScriptedMatcher(predictions(3))
    let whole = run(resumed)
    #expect(resumed.called == [pairs[2].path0] && whole.matchers[0].failures == 0)
    let again = ScriptedMatcher([:])
    #expect(run(again, .modern).matchers[0].failures == 0 && again.called.isEmpty)

    let names = try files(folder.file("cache"))
    try #require(names.count == 3)
    let torn = URL(fileURLWithPath: folder.file("cache/" + names[1]))
    try Data(contentsOf: torn).dropLast(100).write(to: torn)
    let repaired = ScriptedMatcher(predictions(3))
    #expect(run(repaired) == whole)
    #expect(repaired.called.count == 1)
  }
}
