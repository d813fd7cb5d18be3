// Matches one pair again and again in this process, as `match a b` does once, and keeps the times of every stage.
// The first run is not counted: it is slower, because memory and caches are cold.

import Geometry
import Imaging
import Matching
import PhotoMatching
import Pipeline
import Tensor

/// A measurement of one model on one pair.
struct Benchmark {
  /// What a measurement gives.
  struct Result {
    /// The stages in order; what is between them is `other`.
    let stages: [StageSamples]
    /// From the files' bytes to the geometry.
    let total: StageSamples
    /// Of the last run.
    let matches: PhotoMatches
    /// The decoded pictures.
    let photos: Pair<Photo>
  }

  /// Both files, in memory.
  let files: Pair<ImageReader>
  /// How they are matched: at their own size, as they are.
  let pairRun: PairRun

  /// Runs once for warming up, then `repeats` times.
  ///
  /// - Throws: what decoding, matching and estimating throw.
  func callAsFunction(repeats: Int) throws -> Result {
    precondition(repeats > 0, "a measurement needs a repeat")
    var (names, seconds, work): ([String], [[Double]], [Int]) = ([], [], [])
    var (totals, others): ([Double], [Double]) = ([], [])
    var last = try run()
    for _ in 0..<repeats {
      last = try run()
      let stages = last.timer.stages
      if names.isEmpty {
        (names, work) = (stages.map(\.stage), stages.map(\.multiplyAdds))
        seconds = names.map { _ in [] }
      }
      for (index, stage) in stages.enumerated() { seconds[index].append(stage.seconds) }
      totals.append(last.seconds)
      others.append(last.seconds - stages.map(\.seconds).reduce(0, +))
    }
    let stages = names.indices.map {
      StageSamples(stage: names[$0], seconds: seconds[$0], multiplyAdds: work[$0])
    }
    return Result(
      stages: stages + [StageSamples(stage: "other", seconds: others, multiplyAdds: 0)],
      total: StageSamples(stage: "total", seconds: totals, multiplyAdds: work.reduce(0, +)),
      matches: last.matches, photos: last.photos)
  }

  /// One pair, from the files' bytes to the fundamental matrix.
  private func run() throws -> (
    timer: StageTimer, seconds: Double, matches: PhotoMatches, photos: Pair<Photo>
  ) {
    var timer = StageTimer()
    let photos = try timer.measure("decode") {
      try files.map { Photo(path: $0.path, image: try $0.gray(minimumSide: Matcher.minimumSide)) }
    }
    let result = try pairRun(photos)
    timer.stages += result.stages
    return (timer, timer.total, result.matches, photos)
  }
}
