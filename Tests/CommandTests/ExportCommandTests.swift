// match export: a batch of two photos written in every format, and what it refuses.

import Foundation
import Testing

@Suite struct ExportCommandTests {
  private static let photos = Samples.repository + "/fixtures/demo"

  @Test func everyFormat() throws {
    let place = try Workplace()
    _ = try place.matched(["batch", Self.photos, "-o", "pairs", "-q"])
    let run = try place.matched([
      "export", "pairs", "--colmap", "d.db", "--hloc", "f.h5", "m.h5", "--colmap-text", "text", "--csv",
      "csv",
    ])
    for text in [
      "images     2, ", "cameras    1, ", "pairs      1, 1 ", "tracks     ", "wrote      d.db, f.h5, m.h5, ",
    ] {
      #expect(run.text.contains(text), "\(run.text)")
    }
    let contents = try place.contents()
    for name in [
      "d.db", "f.h5", "m.h5", "text/left.jpg.txt", "text/matches.inliers", "text/matches.raw",
      "csv/left.jpg/right.jpg.csv",
    ] {
      #expect(contents[name] ?? 0 > 1000, "\(name)")
    }
    #expect(!contents.keys.contains { $0.contains(".part") })
    #expect(Array(try place.bytes("d.db").prefix(15)) == Array("SQLite format 3".utf8))
    // Again over the older files, with a known camera and without EXIF data, quietly.
    let again = try place.matched([
      "export", "pairs", "--colmap", "d.db", "--camera", "720,720,399.5,299.5", "--no-exif", "--preset",
      "large", "-q",
    ])
    #expect(again.text.isEmpty)
  }

  @Test func refusals() throws {
    let place = try Workplace()
    _ = try place.matched(["batch", Self.photos, "-o", "pairs", "-q"])
    try place.refuses(["export", "pairs"], Exit.usage, mentioning: ["--colmap"])
    try place.refuses(["export", "pairs", "--hloc", "f.h5"], Exit.usage, mentioning: ["two files"])
    try place.refuses(
      ["export", "pairs", "--colmap", "x", "--hloc", "x", "y"], Exit.usage, mentioning: ["the same file"])
    try place.refuses(
      ["export", "pairs", "--csv", "c", "--preset", "best"], Exit.usage, mentioning: ["best"])
    try place.refuses(["export", "none", "--colmap", "d.db"], 72, mentioning: ["none", "No such file"])
    try place.refuses(["export", ".", "--colmap", "none/d.db"], Exit.cannotWrite, mentioning: ["none/d.db"])
    try place.refuses(["export", "pairs", "--colmap", "pairs"], Exit.cannotWrite, mentioning: ["pairs"])
    try place.refuses(
      ["export", "pairs", "--colmap", "d.db", "--images", "elsewhere"], Exit.imageMissing,
      mentioning: ["elsewhere/left.jpg", "--images", "--no-exif"])
  }
}
