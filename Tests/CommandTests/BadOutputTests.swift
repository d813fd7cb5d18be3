// Results that cannot be written where they were asked for: nothing is left over, inputs stay as they are.

import Foundation
import Glibc
import Testing
import TestSupport

@Suite struct BadOutputTests {
  private func workplace() throws -> Workplace {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    return workplace
  }

  /// What every option that names a file is given, with an extension that --draw accepts.
  private static let options = ["--output", "--json", "--draw"]

  @Test(arguments: options) func missingFolder(option: String) throws {
    try workplace().refuses(
      ["a.png", "a.png", option, "none/m.png"], Exit.cannotWrite,
      mentioning: ["none/m.png: cannot be written (No such file or directory)", "choose another place"])
  }

  @Test(arguments: options) func folder(option: String) throws {
    let workplace = try workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path("m.png"), withIntermediateDirectories: true)
    try workplace.refuses(
      ["a.png", "a.png", option, "m.png"], Exit.cannotWrite, mentioning: ["m.png", "it names a folder"])
  }

  @Test(arguments: options) func folderThatTakesNoFiles(option: String) throws {
    // The kernel's own folders take no files from anyone, root included.
    try workplace().refuses(
      ["a.png", "a.png", option, "/proc/match-test.png"], Exit.cannotWrite,
      mentioning: ["/proc/match-test.png: cannot be written", "choose another place"])
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"), arguments: options)
  func withoutPermission(option: String) throws {
    let workplace = try workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path("locked"), withIntermediateDirectories: true)
    try #require(chmod(workplace.path("locked"), 0o500) == 0)
    try workplace.refuses(
      ["a.png", "a.png", option, "locked/m.png"], Exit.cannotWrite,
      mentioning: ["locked/m.png: cannot be written (Permission denied)", "permissions"])
  }

  @Test(arguments: options) func fullDisk(option: String) throws {
    let workplace = try workplace()
    try #require(symlink("/dev/full", workplace.path("full.png")) == 0)
    try workplace.refuses(
      ["a.png", "a.png", option, "full.png"], Exit.cannotWrite,
      mentioning: ["full.png: cannot be written (No space left on device)", "choose another place"])
  }

  /// One output that fails takes the others with it: no half of a result.
  @Test(arguments: options) func noOutputWithoutTheOthers(failing: String) throws {
    let workplace = try workplace()
    let places = Self.options.flatMap { [$0, $0 == failing ? "none/m.png" : "m\($0).png"] }
    try workplace.refuses(["a.png", "a.png"] + places, Exit.cannotWrite, mentioning: ["none/m.png"])
  }

  /// A failed run leaves the results of the last one alone; a good one replaces them.
  @Test func olderResults() throws {
    let workplace = try workplace()
    try workplace.write("old".utf8, to: "m.csv")
    try workplace.write("old".utf8, to: "m.json")
    try workplace.refuses(
      ["a.png", "a.png", "-o", "m.csv", "--json", "m.json", "--draw", "none/m.png"], Exit.cannotWrite,
      mentioning: ["none/m.png"])
    #expect(try workplace.bytes("m.csv") == Array("old".utf8))
    _ = try workplace.matched(["a.png", "a.png", "-o", "m.csv", "--json", "m.json"])
    #expect(try CorrespondenceTable(try workplace.bytes("m.csv")).rows.count >= 350)
    #expect(try workplace.contents().keys.sorted() == ["a.png", "m.csv", "m.json"])
  }

  @Test func inputsAreNotOverwritten() throws {
    let workplace = try workplace()
    try workplace.write(blocks(), to: "b.png")
    try FileManager.default.copyItem(atPath: Samples.compact, toPath: workplace.path("w.safetensors"))
    try #require(link(workplace.path("a.png"), workplace.path("linked.png")) == 0)
    try #require(symlink("b.png", workplace.path("symbolic.png")) == 0)
    for option in Self.options {
      for place in ["a.png", "b.png", "./a.png", workplace.path("b.png"), "linked.png", "symbolic.png"] {
        try workplace.refuses(
          ["a.png", "b.png", option, place], Exit.usage,
          mentioning: [option, place, "would overwrite an input", "name another file"])
      }
    }
    try workplace.refuses(
      ["a.png", "b.png", "--weights", "w.safetensors", "-o", "w.safetensors"], Exit.usage,
      mentioning: ["w.safetensors", "would overwrite an input"])
  }

  @Test func oneFileForTwoOutputs() throws {
    let workplace = try workplace()
    for (first, second) in [("--output", "--json"), ("--output", "--draw"), ("--json", "--draw")] {
      try workplace.refuses(
        ["a.png", "a.png", first, "m.png", second, "m.png"], Exit.usage,
        mentioning: [first, second, "m.png", "name two files"])
      try workplace.refuses(
        ["a.png", "a.png", first, "m.png", second, "./m.png"], Exit.usage,
        mentioning: [first, second, "m.png", "name two files"])
    }
  }

  @Test func closedPipe() throws {
    let expected = ["standard output", "closed"]
    let workplace = try workplace()
    try workplace.refuses(
      ["a.png", "a.png", "-o", "-"], Exit.outputClosed, mentioning: expected, output: .closedPipe)
    try workplace.refuses(
      ["a.png", "a.png", "-o", "-", "--json", "m.json"], Exit.outputClosed, mentioning: expected,
      output: .closedPipe)
    try workplace.refuses(["a.png", "a.png"], Exit.outputClosed, mentioning: expected, output: .closedPipe)
    try workplace.refuses(["model", "list"], Exit.outputClosed, mentioning: expected, output: .closedPipe)
    try workplace.refuses(["model", "show"], Exit.outputClosed, mentioning: expected, output: .closedPipe)
  }

  @Test func standardOutputOnAFullDisk() throws {
    try workplace().refuses(
      ["a.png", "a.png", "-o", "-"], Exit.outputClosed, mentioning: ["standard output", "No space left"],
      output: .file("/dev/full"))
  }
}
