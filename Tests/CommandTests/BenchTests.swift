// match bench: the figures that it prints and writes agree with each other and with a count by hand.

import Foundation
import Testing
import TestSupport

@Suite struct BenchTests {
  private struct Stage: Decodable {
    var stage: String
    var seconds: [Double]
    var medianSeconds: Double
    var minimumSeconds: Double
    var maximumSeconds: Double
    var multiplyAdds: Int?
    var gigaflopsPerSecond: Double?
  }

  private struct Image: Decodable {
    var width: Int
    var height: Int
    var networkWidth: Int
    var networkHeight: Int
  }

  private struct Record: Decodable {
    var format: String
    var threads: Int
    var repeats: Int
    var images: [Image]
    var stages: [Stage]
    var total: Stage
    var modelSeconds: Double
    var matches: Int
    var peakBytes: Int
  }

  private static let stageNames = [
    "decode", "backbone", "transformer", "coarse matching", "fine matching", "refinement", "geometry",
    "other",
  ]

  private func measured(
    _ arguments: [String], in workplace: borrowing Workplace
  ) throws -> (record: Record, text: String, peakMegabytes: Int) {
    let run = try workplace.matched(["bench", "--json", "b.json"] + arguments)
    let record = try JSONDecoder().decode(Record.self, from: Data(try workplace.bytes("b.json")))
    return (record, run.text, run.peakMegabytes)
  }

  @Test func textureOfASize() throws {
    let (record, text, peak) = try measured(
      ["--size", "96x64", "--repeats", "3", "--threads", "2"], in: Workplace())
    #expect(record.format == "match-bench/1")
    #expect(record.threads == 2 && record.repeats == 3)
    #expect(
      record.images.map { [$0.width, $0.height, $0.networkWidth, $0.networkHeight] }
        == [[96, 64, 96, 64], [96, 64, 96, 64]])
    #expect(record.stages.map(\.stage) == Self.stageNames)
    #expect(record.matches > 20)
    #expect(record.modelSeconds > 0)
    for stage in record.stages + [record.total] {
      #expect(stage.seconds.count == 3)
      let sorted = stage.seconds.sorted()
      #expect([stage.minimumSeconds, stage.medianSeconds, stage.maximumSeconds] == sorted, "\(stage.stage)")
      #expect(sorted[0] >= 0, "\(stage.stage)")
      // Exactly the network's stages, and the whole, have arithmetic.
      let isNetwork = !["decode", "refinement", "geometry", "other"].contains(stage.stage)
      #expect((stage.multiplyAdds != nil) == isNetwork && (stage.gigaflopsPerSecond != nil) == isNetwork)
      if let work = stage.multiplyAdds, let rate = stage.gigaflopsPerSecond {
        #expect(abs(rate * stage.medianSeconds * 1e9 / 2 / Double(work) - 1) < 1e-9)
      }
      #expect(text.contains("\n\(stage.stage) "))
    }
    #expect(record.total.multiplyAdds == record.stages.compactMap(\.multiplyAdds).reduce(0, +))
    for run in 0..<3 {
      let parts = record.stages.map { $0.seconds[run] }.reduce(0, +)
      #expect(abs(parts / record.total.seconds[run] - 1) < 1e-6)
    }
    // What the system says of the ended process is at least what it knew itself; it may be its parent's size, which
    // is why the program asks otherwise. `peakMegabytes` counts in thousands of kibibytes.
    #expect(record.peakBytes <= (peak + 1) * 1_024_000 && record.peakBytes > 20_000_000)
  }

  /// The default model's backbone by its definition: stem 6x6, blocks 3x3, two down-samplings 4x4, a projection.
  @Test func backboneCountedByHand() throws {
    let shown = try Workplace().matched(["model", "show"]).text.split(separator: "\n")
    func extents(_ key: String) throws -> [Int] {
      let line = try #require(shown.first { $0.hasPrefix(key + " ") })
      return line.split(separator: " ").dropFirst().compactMap { Int($0) }
    }
    let (channels, blocks) = (try extents("backbone.channels"), try extents("backbone.blocks"))
    try #require(channels.count == 3 && blocks.count == 3)
    let areas = [48 * 32, 24 * 16, 12 * 8]
    var expected = areas[0] * 36 * channels[0] + areas[2] * channels[2] * channels[2]
    for level in 0..<3 {
      expected += blocks[level] * areas[level] * 9 * channels[level] * channels[level]
      if level > 0 { expected += areas[level] * 16 * channels[level - 1] * channels[level] }
    }
    for threads in ["1", "3"] {
      let (record, _, _) = try measured(
        ["--size", "96x64", "--repeats", "1", "--threads", threads], in: Workplace())
      #expect(record.stages.first { $0.stage == "backbone" }?.multiplyAdds == 2 * expected)
    }
  }

  @Test func photosAndWeights() throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    let (record, text, _) = try measured(
      ["a.png", "a.png", "--repeats", "2", "--weights", Samples.smallLoFTR], in: workplace)
    #expect(record.stages.map(\.stage) == Self.stageNames)
    #expect(record.stages.allSatisfy { $0.seconds.count == 2 })
    let size = blocks()
    #expect(record.images.allSatisfy { $0.networkWidth == size.width && $0.networkHeight == size.height })
    #expect(text.contains("a.png \(size.width)x\(size.height)"))
  }

  @Test(arguments: [
    (["--repeats", "0"], "use 1 to 1000"), (["--repeats", "1001"], "use 1 to 1000"),
    (["--repeats", "x"], "--repeats"), (["--threads", "0"], "use 1 to 1024"),
    (["--size", "640"], "give WIDTHxHEIGHT"), (["--size", "640x"], "give WIDTHxHEIGHT"),
    (["--size", "640x480x3"], "give WIDTHxHEIGHT"), (["--size", "1e3x480"], "give WIDTHxHEIGHT"),
    (["--size", "15x480"], "out of range"), (["--size=-640x-480"], "out of range"),
    (["--size", "4294967296x4294967296"], "out of range"),
    (["--size", "4611686018427387904x4"], "out of range"),
    (["a.png"], "two photos or none"), (["a.png", "a.png", "a.png"], "two photos or none"),
    (["a.png", "a.png", "--size", "640x480"], "leave it out"),
    (["--model", "compact", "--weights", "w"], "cannot be combined"), (["--json", "-"], "name one"),
    (["--model", "none"], "no model 'none'"),
  ])
  func wrongOptions(arguments: [String], text: String) throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    try workplace.refuses(["bench"] + arguments, Exit.usage, mentioning: [text])
  }

  @Test func filesThatAreNotThere() throws {
    let workplace = try Workplace()
    try workplace.refuses(
      ["bench", "a.png", "b.png"], Exit.imageMissing, mentioning: ["a.png", "no such file"])
    try workplace.refuses(
      ["bench", "--json", "no/where.json"], Exit.cannotWrite, mentioning: ["no/where.json"])
  }
}
