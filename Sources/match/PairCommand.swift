// match a.jpg b.jpg: reads two photos, matches them, estimates their geometry, writes what was asked for.

import ArgumentParser
import Export
import Geometry
import Imaging
import Matching
import Models
import Pipeline
import Tensor

/// The default subcommand.
struct PairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pair", abstract: "Matches two photos (the default: 'match a.jpg b.jpg').",
    discussion: """
      The CSV has the header x0,y0,x1,y1,score,inlier; coordinates are pixels of the photos, the centre of \
      the first pixel is (0, 0), best score first.
      """)

  @OptionGroup var options: PairOptions

  func run() throws {
    var timer = StageTimer()
    let compute = Compute(threads: options.threads)
    // OpenCV's thread library warns on standard error when it is asked for more threads than there are processors.
    setOpenCVThreads(min(compute.threads, Compute().threads))

    let model = try timer.measure("model") {
      try ModelCatalog.model(
        named: options.model, orAt: options.weights, variant: options.variantOption.variant)
    }
    let (first, second) = try timer.measure("read") {
      (try Photo(path: options.first), try Photo(path: options.second))
    }
    let photoMatcher = PhotoMatcher(
      matcher: model.matcher, maxSize: options.maxSize,
      options: MatchingOptions(threshold: options.threshold, maximumMatches: options.maxMatches),
      search: options.views.search(), compute: compute)
    let matches = try photoMatcher(first, second)
    timer.stages += matches.statistics.stages

    let robustOptions = robustOptions(matches)
    let geometry = try timer.measure("geometry") { try estimated(matches, robustOptions) }
    let result = PairResult(
      options: options, model: model, photos: [first, second], matches: matches,
      robustOptions: robustOptions, geometry: geometry, compute: compute)
    let outputs = PairOutputs(result, timer: timer)
    try timer.measure("write") { try outputs.write() }
    if !options.quiet {
      let summary = PairSummary(result, timer: timer).text
      // Where the CSV has standard output to itself, the summary goes to standard error.
      if options.output == "-" {
        StandardStream.error.write(summary)
      } else {
        try StandardStream.output.writeAll(Array(summary.utf8))
      }
    }
  }

  /// The options of robust estimation in force, threshold in photo pixels.
  private func robustOptions(_ matches: PhotoMatches) -> RobustOptions {
    let threshold =
      options.inlierThreshold
      ?? GeometryVerification.defaultThreshold(options.geometryKind ?? .fundamental, matches.scalings)
    return RobustOptions(
      estimator: options.estimator, threshold: threshold, seed: options.seed,
      refine: options.refine)
  }

  private func estimated(
    _ matches: PhotoMatches, _ robustOptions: RobustOptions
  ) throws -> TwoViewGeometry? {
    guard let kind = options.geometryKind else { return nil }
    let cameras = options.camera0.flatMap { first in options.camera1.map { (first, $0) } }
    let verification = GeometryVerification(kind: kind, cameras: cameras, options: robustOptions)
    return try verification(matches.points0, matches.points1, scores: matches.scores)
  }
}

/// Everything known at the end of a run.
struct PairResult {
  let options: PairOptions
  let model: Model
  let photos: [Photo]
  let matches: PhotoMatches
  let robustOptions: RobustOptions
  let geometry: TwoViewGeometry?
  let compute: Compute

  /// Whether each match agrees with the geometry; without one, none is known to.
  var inliers: [Bool] {
    geometry?.estimate?.inlierMask ?? [Bool](repeating: false, count: matches.count)
  }
}

/// Wall-clock times of the stages of a run.
struct StageTimer {
  var stages: [StageTime] = []
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  /// Seconds since the timer was made.
  var total: Double { (clock.now - start) / .seconds(1) }

  mutating func measure<Result>(_ name: String, _ work: () throws -> Result) rethrows -> Result {
    let begin = clock.now
    defer { stages.append(StageTime(stage: name, seconds: (clock.now - begin) / .seconds(1))) }
    return try work()
  }
}
