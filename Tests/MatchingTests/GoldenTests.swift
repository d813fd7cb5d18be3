// Every stage of all architectures against the reference implementations, at equal, unequal and odd sizes.

import Tensor
import Testing
import Weights

@testable import Matching

struct GoldenCase: CustomTestStringConvertible, Sendable {
  let name: String
  let weights: String
  /// Number of stages that the case holds, where it is not that of its architecture.
  var stages: Int?
  var testDescription: String { name }

  static let all = [
    GoldenCase(name: "loftr-same", weights: "fixtures/goldens/loftr-small.safetensors"),
    GoldenCase(name: "loftr-different", weights: "fixtures/goldens/loftr-small.safetensors"),
    GoldenCase(name: "loftr-odd", weights: "fixtures/goldens/loftr-small.safetensors"),
    GoldenCase(name: "loftr-corrected", weights: "fixtures/goldens/loftr-small-corrected.safetensors"),
    GoldenCase(name: "compact-same", weights: "Sources/CModels/compact.safetensors"),
    GoldenCase(name: "compact-different", weights: "Sources/CModels/compact.safetensors"),
    GoldenCase(name: "compact-odd", weights: "Sources/CModels/compact.safetensors"),
    GoldenCase(name: "loftr-transport", weights: "fixtures/goldens/loftr-small.safetensors", stages: 0),
    GoldenCase(name: "efficientloftr-same", weights: efficient, stages: 2 * (3 + 4 + 1 + 1) + 1),
    GoldenCase(name: "efficientloftr-odd", weights: efficient, stages: 2 * (3 + 4 + 1 + 1) + 1),
    GoldenCase(name: "efficientloftr-shrunk", weights: efficient, stages: 2 * 4),
    GoldenCase(name: "efficientloftr-optimized", weights: efficient, stages: 2 * 4),
  ]
  private static let efficient = "fixtures/goldens/efficientloftr-small.safetensors"
}

struct GoldenTests {
  static let compute = Compute(threads: 2)
  static let tolerance: Float = 1e-3

  @Test(arguments: GoldenCase.all)
  func everyStageAgrees(_ test: GoldenCase) throws {
    let golden = try Golden(test.name)
    let matcher = try golden.matcher(test.weights)
    let (first, second) = try golden.images()
    let stages = StageTrace(matcher, first, second, on: Self.compute).stages

    let prefixes = [
      "normalized", "half", "quarter", "backbone_coarse", "position_encoded", "after_layer", "fine.",
      "fine_windows", "fine_offsets",
    ]
    let compared = golden.file.tensors.keys.filter { name in prefixes.contains { name.hasPrefix($0) } }
    let architectureCount =
      test.name.hasPrefix("loftr") ? 2 * (1 + 1 + 4 + 1 + 2) : 2 * (1 + 2 + 1 + 6 + 1) + 1
    #expect(compared.count == test.stages ?? architectureCount)
    for name in compared.sorted() {
      let ours = try #require(stages[name], "stage \(name)").thinned(try golden.step(of: name))
      let error = relativeError(ours, try #require(golden.file.tensors[name]))
      #expect(error < Self.tolerance, "\(name)")
    }
  }

  @Test(arguments: GoldenCase.all)
  func confidenceAgrees(_ test: GoldenCase) throws {
    let golden = try Golden(test.name)
    let matcher = try golden.matcher(test.weights)
    let (first, second) = try golden.images()
    let compute = Self.compute
    let images = [first, second].map { matcher.features(of: $0, on: compute) }
    let (coarse0, coarse1) = matcher.attended(images[0], images[1], on: compute)
    let ours = matcher.coarseMatcher.confidence(coarse0, coarse1, on: compute)

    // The reference keeps padding's rows and columns, at zero; ours has the valid cells only.
    let reference = try #require(golden.file.tensors["confidence"])
    let values = reference.values
    let (rows, columns) = (coarse0.validCells, coarse1.validCells)
    #expect(reference.shape == [coarse0.rows * coarse0.columns, coarse1.rows * coarse1.columns])
    let valid = Tensor(
      [rows.count, columns.count],
      values: rows.flatMap { row in columns.map { values[row * reference.shape[1] + $0] } })
    #expect(relativeError(ours, valid) < Self.tolerance)
    #expect(abs(values.reduce(0, +) - valid.values.reduce(0, +)) < 1e-4)
  }

  @Test(arguments: GoldenCase.all)
  func matchesAgree(_ test: GoldenCase) throws {
    let golden = try Golden(test.name)
    let matcher = try golden.matcher(test.weights)
    let (first, second) = try golden.images()
    let matches = matcher(first, second, on: Self.compute)

    #expect(matches.cells0 == golden.file.integers["cells0"])
    #expect(matches.cells1 == golden.file.integers["cells1"])
    let tensors = golden.file.tensors
    let (points0, points1) = (try #require(tensors["keypoints0"]), try #require(tensors["keypoints1"]))
    let scores = try #require(tensors["scores"])
    let found = matches.correspondences
    try #require(matches.count == scores.count && matches.count >= 20)
    #expect(maximumDifference(found.points0.flatMap { [Float($0.x), Float($0.y)] }, points0.values) < 0.01)
    #expect(maximumDifference(found.points1.flatMap { [Float($0.x), Float($0.y)] }, points1.values) < 0.01)
    #expect(maximumDifference(found.scores.map { Float($0) }, scores.values) < 1e-3)
  }

  @Test(arguments: GoldenCase.all)
  func anyNumberOfThreadsGivesTheSameBits(_ test: GoldenCase) throws {
    let golden = try Golden(test.name)
    let matcher = try golden.matcher(test.weights)
    let (first, second) = try golden.images()
    let results = [1, 2, 3, 4].map { threads in
      var matches = matcher(first, second, on: Compute(threads: threads))
      matches.statistics = MatchingStatistics()
      return matches
    }
    for result in results.dropFirst() { #expect(result == results[0]) }
  }

  private func maximumDifference(_ ours: [Float], _ reference: [Float]) -> Float {
    zip(ours, reference).map { abs($0 - $1) }.max() ?? .infinity
  }
}
