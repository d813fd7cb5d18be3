import ArgumentParser
import Files
import Geometry
import Matching
import PhotoMatching
import Pipeline
import Tensor

/// The default subcommand: matches two photos, estimates their geometry, and writes the outputs asked for.
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
    let run = try timer.measure("model") { try PairRun(options.settings) }
    let photos = try timer.measure("read") {
      try Pair(options.first, options.second).map { try Photo(path: $0) }
    }
    let result = try run(photos)
    timer.stages += result.stages
    let outputs = PairOutputs(options, run, result, timer: timer)
    try timer.measure("write") { try outputs.write() }
    if !options.quiet {
      let summary = PairSummary(options: options, run: run, result: result, timer: timer).text
      // A CSV on standard output has it to itself.
      if options.output == "-" {
        StandardStream.error.write(summary)
      } else {
        try StandardStream.output.writeAll(summary)
      }
    }
  }
}
