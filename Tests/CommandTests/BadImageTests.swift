// Pictures that cannot be matched: each is refused in one line with its own exit code, whichever of the two it is.

import Foundation
import Glibc
import Imaging
import Testing
import TestSupport

@Suite struct BadImageTests {
  /// The picture is refused as the first and as the second of a pair, with every output asked for.
  private func refuses(
    _ workplace: borrowing Workplace, _ name: String, _ status: Int32, mentioning: [String],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    try workplace.write(blocks(), to: "good.png")
    let outputs = ["-o", "matches.csv", "--json", "matches.json", "--draw", "matches.png"]
    try workplace.refuses(
      [name, "good.png"] + outputs, status, mentioning: [name] + mentioning, at: location)
    try workplace.refuses(
      ["good.png", name] + outputs, status, mentioning: [name] + mentioning, at: location)
  }

  @Test func missing() throws {
    try refuses(
      try Workplace(), "none.jpg", Exit.imageMissing, mentioning: ["no such file", "check the name"])
    try refuses(try Workplace(), "none/none.jpg", Exit.imageMissing, mentioning: ["no such file"])
  }

  @Test func empty() throws {
    let workplace = try Workplace()
    try workplace.write([], to: "empty.jpg")
    try refuses(workplace, "empty.jpg", Exit.imageDamaged, mentioning: ["empty", "again"])
  }

  @Test(arguments: ["a.jpg", "a.png"], [0.01, 0.5, 0.99])
  func truncated(name: String, share: Double) throws {
    let workplace = try Workplace()
    let whole = try ImageEncoder.encode(blocks(), as: name)
    try workplace.write(whole.prefix(Int(Double(whole.count) * share)), to: name)
    try refuses(workplace, name, Exit.imageDamaged, mentioning: ["incomplete file", "again"])
  }

  @Test func textNamedAsAPicture() throws {
    let workplace = try Workplace()
    try workplace.write("x0,y0,x1,y1\n".utf8, to: "text.jpg")
    try refuses(
      workplace, "text.jpg", Exit.imageDamaged, mentioning: ["not a readable picture", "use JPEG, PNG"])
  }

  @Test func folder() throws {
    let workplace = try Workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path("photos.jpg"), withIntermediateDirectories: true)
    try refuses(
      workplace, "photos.jpg", Exit.imageMissing, mentioning: ["is a folder", "name a picture inside"])
  }

  @Test func unreadable() throws {
    // No process can read its own memory at address 0, not even root's.
    try refuses(
      try Workplace(), "/proc/self/mem", Exit.imageMissing,
      mentioning: ["cannot be read", "check its permissions"])
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything")) func withoutPermission() throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "secret.png")
    try #require(chmod(workplace.path("secret.png"), 0) == 0)
    try refuses(workplace, "secret.png", Exit.imageMissing, mentioning: ["Permission denied", "permissions"])
  }

  @Test(arguments: [(1, 1), (15, 160), (160, 15)])
  func tooSmall(width: Int, height: Int) throws {
    let workplace = try Workplace()
    try workplace.write(plain(width, height), to: "small.png")
    try refuses(
      workplace, "small.png", Exit.imageUnsuitable,
      mentioning: ["\(width)x\(height) pixels", "at least 16x16"])
  }

  @Test func tooLargeToDecode() throws {
    let workplace = try Workplace()
    try workplace.write(
      PNGFile(width: 40_000, height: 40_000, bitDepth: 8, colorType: 0, rows: [[0]]).bytes, to: "huge.png")
    try refuses(
      workplace, "huge.png", Exit.imageUnsuitable, mentioning: ["too large", "scale the picture down"])
  }

  @Test func lineBreaksInNamesDoNotBreakTheLine() throws {
    try Workplace().refuses(["a\nb.jpg", "c.jpg"], Exit.imageMissing, mentioning: ["a?b.jpg: no such file"])
  }
}
