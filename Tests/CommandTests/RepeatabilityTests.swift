// The same input gives the same bytes: whatever the threads, from run to run, from whichever copy of the weights
// and of the program.

import Foundation
import Testing
import TestSupport

@Suite struct RepeatabilityTests {
  private func csv(_ options: [String] = [], executable: String? = nil, in folder: String = "/") throws
    -> String
  {
    let photos = [try Samples.photo("leuvenA.jpg"), try Samples.photo("leuvenB.jpg"), "--max-size", "320"]
    let run = try MatchProgram.run(photos + ["-q", "-o", "-"] + options, in: folder, executable: executable)
    try #require(run.status == 0, "\(run.errors)")
    #expect(run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.count > 1000)
    return run.text
  }

  @Test func threadsAndRuns() throws {
    let reference = try csv()
    for threads in [1, 2, 3, 4, 4, 1024] { #expect(try csv(["--threads", "\(threads)"]) == reference) }
  }

  /// The seed concerns the robust estimator only.
  @Test func seedLeavesThePointsAlone() throws {
    func points(_ seed: String) throws -> [Substring] {
      try csv(["--seed", seed]).split(separator: "\n").map { $0.dropLast(1) }
    }
    #expect(try csv(["--seed", "1"]) == csv(["--seed", "1"]))
    let reference = try points("0")
    for seed in ["1", "18446744073709551615"] {
      #expect(try points(seed).dropFirst() == reference.dropFirst())
    }
  }

  @Test func weightsFromAFile() throws {
    let reference = try csv(["--model", "compact"])
    #expect(try csv() == reference)
    #expect(try csv(["--weights", Samples.compact]) == reference)
  }

  /// Another architecture from its file: the random weights must run, their matches mean nothing.
  @Test func otherArchitecture() throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    let run = try workplace.matched(
      ["a.png", "a.png", "--weights", Samples.smallLoFTR, "-o", "matches.csv", "--json", "matches.json"])
    #expect(run.text.contains("matches    "))
    _ = try CorrespondenceTable(try workplace.bytes("matches.csv"))
    #expect(
      try object(try workplace.bytes("matches.json")).group("model")["architecture"] as? String == "loftr")
    #expect(
      try object(try workplace.bytes("matches.json")).group("options")["weights"] as? String
        == Samples.smallLoFTR)
  }

  /// The weights are inside the program: a copy of it alone, in another folder and without an environment, matches.
  @Test func copiedAlone() throws {
    let workplace = try Workplace()
    // Copied by another process: a program that this one has open for writing cannot be started.
    let copy = [try MatchProgram.path(), "copy"]
    #expect(try MatchProgram.run(copy, in: workplace.folder, executable: "/bin/cp").status == 0)
    #expect(try csv(executable: workplace.path("copy"), in: workplace.folder) == csv())
    let run = try MatchProgram.run(
      ["model", "list"], in: workplace.folder, executable: workplace.path("copy"), keepsEnvironment: false)
    #expect(run.status == 0 && run.text.hasPrefix("compact (default): "))
  }
}
