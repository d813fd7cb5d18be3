// match model list, match model show.

import Foundation
import Testing

@Suite struct ModelCommandTests {
  /// The lines "key  value" of `model show`.
  private func shown(_ arguments: [String]) throws -> [String: String] {
    let run = try Workplace().matched(["model", "show"] + arguments)
    return Dictionary(
      try run.text.split(separator: "\n").map { line in
        let end = try #require(line.firstIndex(of: " "), "\(line)")
        return (String(line[..<end]), String(line[end...].drop { $0 == " " }))
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test func list() throws {
    let run = try Workplace().matched(["model", "list"])
    #expect(run.text.hasPrefix("compact (default): compact-v1, compact, 1220551 parameters, Apache-2.0. "))
    #expect(run.text.count { $0.isNewline } == 1)
    #expect(try Workplace().matched(["model"]).text == run.text)
  }

  @Test func showBuiltIn() throws {
    let values = try shown(["compact"])
    #expect(values["name"] == "compact-v1")
    #expect(values["architecture"] == "compact")
    #expect(values["parameters"] == "1220551 in 173 tensors, 4910252 bytes")
    #expect(values["licence"] == "Apache-2.0")
    #expect(values["backbone.channels"] == "32 64 96")
    #expect(values["transformer.attention.kind"] == "aggregated-softmax")
    for key in ["description", "data", "training", "date", "source"] { #expect(values[key] != nil, "\(key)") }
    let sum = try MatchProgram.run([Samples.compact], in: "/", executable: "/usr/bin/sha256sum").text.prefix(
      64)
    #expect(values["sha256"] == String(sum))
    #expect(try shown([]) == values)
    #expect(try shown([Samples.compact]) == values)
  }

  @Test func showFile() throws {
    let values = try shown([Samples.smallLoFTR])
    #expect(values["architecture"] == "loftr")
    #expect(values["backbone.kind"] == "resnet-fpn")
    let sum = try MatchProgram.run([Samples.smallLoFTR], in: "/", executable: "/usr/bin/sha256sum").text
      .prefix(64)
    #expect(values["sha256"] == String(sum))
  }

  @Test func showMissingFile() throws {
    try Workplace().refuses(
      ["model", "show", "none"], Exit.weightsUnreadable, mentioning: ["none", "no such file"])
  }
}
