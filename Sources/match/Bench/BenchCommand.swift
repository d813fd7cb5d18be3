import ArgumentParser
import Evaluation
import Files
import Geometry
import Imaging
import Matching
import Models
import PhotoMatching
import Pipeline
import Tensor

/// `match bench`: measures the time of each stage, its arithmetic rate, and memory.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures the time of each stage, GFLOP/s and memory on this machine.",
    discussion: """
      match bench                        a generated texture of 640x480 pixels
      match bench --size 1600x1200       another size
      match bench a.jpg b.jpg            two photos at full size

      GFLOP follow the layers' definitions: a convolution counts as its direct sum however it is computed, a \
      multiply-add as two operations.
      """)

  @Argument(help: "Two photos instead of the texture.") var photos: [String] = []
  @Option(help: "A built-in model (see 'match model list').") var model: String?
  @Option(help: "A weights file instead of a built-in model.") var weights: String?
  @Option(
    help: ArgumentHelp("Size of the texture (default: 640x480).", valueName: "WIDTHxHEIGHT"),
    transform: { try PictureSize(parsing: $0) })
  var size: PictureSize?
  @Option(help: "Maximum number of threads (default: all processors).") var threads: Int?
  @Option(help: "Number of timed runs, after one warm-up run.") var repeats = 7
  @Option(help: "Write all times as JSON.") var json: String?

  func validate() throws {
    func refuse(_ text: String) throws { throw ValidationError(text) }
    if ![0, 2].contains(photos.count) { try refuse("bench takes two photos or none: got \(photos.count)") }
    if !photos.isEmpty && size != nil {
      try refuse("--size applies to the texture only: leave it out for photos")
    }
    try checkModel(model, weights: weights)
    try checkThreads(threads)
    if !(1...1000).contains(repeats) { try refuse("--repeats \(repeats) is out of range: use 1 to 1000") }
    if let json, json.isEmpty || json == "-" {
      try refuse("--json '\(json)': the JSON goes to a file: name one")
    }
  }

  func run() throws {
    // Refuses a path that cannot be written before the measurement, not after.
    if let json { _ = try AtomicFile(path: json) }
    let compute = Compute(threads: threads, counter: OperationCounter())
    var timer = StageTimer()
    let model = try timer.measure("model") { try ModelSource(named: self.model, orAt: weights).load() }
    var settings = MatchSettings()
    (settings.maxSize, settings.search) = (0, .none)
    let benchmark = Benchmark(
      files: try files(), pairRun: PairRun(settings, model: model, compute: compute))
    let result = try benchmark(repeats: repeats)
    let record = BenchRecord(
      version: programVersion, machine: Machine.processor, threads: compute.threads,
      model: ModelRecord(model.file),
      images: PairSide.allCases.map { side in
        ImageRecord(path: result.photos[side].path, result.matches.frames[side])
      },
      repeats: repeats, modelSeconds: timer.stages[0].seconds, stages: result.stages, total: result.total,
      matches: result.matches.count, peakBytes: Machine.peakBytes)
    if let json { try AtomicFile.write(try RecordJSON.encode(record), to: json) }
    try StandardStream.output.writeAll(BenchTable(record: record).text)
  }

  /// The photos, or the texture's two views as JPEG.
  private func files() throws -> Pair<ImageReader> {
    guard photos.isEmpty else { return try Pair(photos[0], photos[1]).map { try ImageReader(path: $0) } }
    let size = size ?? PictureSize.usual
    let pair = TexturePair(width: size.width, height: size.height)
    return try Pair(("texture0.jpg", pair.first), ("texture1.jpg", pair.second)).map { name, picture in
      ImageReader(path: name, bytes: try ImageEncoder.encode(picture, as: name))
    }
  }
}
