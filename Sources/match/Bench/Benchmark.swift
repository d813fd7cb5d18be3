import Geometry
import Imaging
import Matching
import PhotoMatching
import Pipeline
import Tensor

/// Matches one pair repeatedly in this process, as `match a b` does once, and keeps the times of every stage. The first
/// run does not count: memory and caches are cold.
struct Benchmark {
  struct Result {
    /// The stages in order; time between them is `other`.
    let stages: [StageSamples]
    /// From the files' bytes to the geometry.
    let total: StageSamples
    /// Of the last run.
    let matches: PhotoMatches
    let photos: Pair<Photo>
  }

  let files: Pair<ImageReader>
  let pairRun: PairRun

  /// Runs once to warm up, then `repeats` times. Throws what decoding, matching and estimating throw.
  func callAsFunction(repeats: Int) throws -> Result {
    precondition(repeats > 0, "a measurement needs at least one repeat")
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
