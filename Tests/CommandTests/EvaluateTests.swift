// match evaluate as a user runs it: on a small dataset of its own, with damage of every kind, twice from one cache.

import Foundation
import Imaging
import Testing
import TestSupport

@Suite struct EvaluateTests {
  /// Blocks seen by a camera that moves along x before a plane: the second picture is the first one, 16 px to the left.
  private func makeSequence(in place: borrowing Workplace, folder: String = "s") throws {
    try FileManager.default.createDirectory(atPath: place.path(folder), withIntermediateDirectories: true)
    let wide = blocks(width: 336, height: 256)
    guard case .bits8(let pixels) = wide.pixels else { return }
    for (number, shift) in [(1, 0), (2, 16)] {
      let part = gray8(320, 256) { x, y in Int(pixels[y * 336 + x + shift]) }
      try place.write(part, to: "\(folder)/\(number).png")
    }
    try place.write(Array("1 0 -16\n0 1 0\n0 0 1\n".utf8), to: "\(folder)/H_1_2")
  }

  private static let pose =
    "400 0 160 0 400 128 0 0 1 400 0 160 0 400 128 0 0 1 1 0 0 -1 0 1 0 0 0 0 1 0 0 0 0 1"

  @Test func homographiesTwiceFromOneCache() throws {
    let place = try Workplace()
    try makeSequence(in: place, folder: "data/s")
    let arguments = [
      "evaluate", "homography", "data", "--cache", "cache", "--matcher", "compact,sift@300", "--repeats", "2",
    ]
    let first = try place.matched(
      arguments + ["-o", "r.json", "--csv", "r.csv", "--report", "r.html", "--matches", "m"])
    for text in ["AUC@3", "sift@300", "protocol", "seed 0", "classic", "sha256"] {
      #expect(first.text.contains(text))
    }
    let results = try #require(
      JSONSerialization.jsonObject(with: Data(place.bytes("r.json"))) as? [[String: Any]])
    let pairs = try #require(results[0]["pairs"] as? [[String: Any]])
    #expect(pairs.count == 2)
    for pair in pairs {
      let errors = try #require(pair["errors"] as? [Double])
      #expect(errors.count == 2 && errors.allSatisfy { $0 < 3 }, "\(errors)")
    }
    #expect(String(decoding: try place.bytes("r.html"), as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
    #expect(
      String(decoding: try place.bytes("m/homography/compact/1.csv"), as: UTF8.self).hasPrefix(
        "x0,y0,x1,y1,score\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("cache")).count == 2)
    // The same table, times included, because nothing was matched again.
    #expect(try place.matched(arguments).text == first.text)
    let modern = try place.matched(arguments + ["--protocol", "modern"])
    #expect(modern.text.contains("MAGSAC++") && modern.text != first.text)
  }

  @Test func brokenPairsDoNotTakeTheOthers() throws {
    let place = try Workplace()
    try makeSequence(in: place)
    let lines = [
      "s/1.png s/2.png 0 0 \(Self.pose)", "s/1.png s/3.png 0 0 \(Self.pose)", "s/1.png s/2.png 0 0 1 2",
    ]
    try place.write(Array(lines.joined(separator: "\r\n").utf8), to: "pairs.txt")
    let run = try place.matched([
      "evaluate", "pose", "pairs.txt", "--no-cache", "--matcher", "sift", "--csv", "r.csv",
    ])
    #expect(run.text.contains("failed: sift: s/1.png s/3.png: s/3.png: no such file"))
    #expect(run.text.contains("failed: sift: s/1.png s/2.png: pairs.txt:3: 6 fields instead of 38"))
    let rows = String(decoding: try place.bytes("r.csv"), as: UTF8.self).split(separator: "\n")
    #expect(rows.count == 4)
    #expect(rows[1].hasPrefix("sift,s/1.png,s/2.png,,"))
  }

  @Test func refusesWhatCannotBeEvaluated() throws {
    let place = try Workplace()
    try makeSequence(in: place)
    try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
    try place.write(Array("# none\n".utf8), to: "none.txt")
    let unusable: Int32 = 72
    try place.refuses(["evaluate", "pose", "missing.txt"], unusable, mentioning: ["missing.txt"])
    try place.refuses(["evaluate", "pose", "none.txt"], unusable, mentioning: ["none.txt", "usable pair"])
    try place.refuses(["evaluate", "homography", "empty"], unusable, mentioning: ["empty", "no folder"])
    try place.refuses(["evaluate", "homography", "gone"], unusable, mentioning: ["gone"])
    try place.refuses(["evaluate", "--fixtures", "gone"], unusable, mentioning: ["gone/pose/pairs.txt"])
    let good = ["evaluate", "homography", ".", "--no-cache"]
    try place.refuses(good + ["--matcher", "sift,surf"], Exit.usage, mentioning: ["surf", "akaze"])
    try place.refuses(good + ["--matcher", "sift@x"], Exit.usage, mentioning: ["sift@x"])
    try place.refuses(good + ["--matcher", ""], Exit.usage, mentioning: ["no matcher ''"])
    try place.refuses(good + ["--protocol", "old"], Exit.usage, mentioning: ["old", "classic"])
    try place.refuses(good + ["--repeats", "0"], Exit.usage, mentioning: ["--repeats 0"])
    try place.refuses(good + ["--cache", "c"], Exit.usage, mentioning: ["--no-cache"])
    try place.refuses(["evaluate", "--inlier-threshold", "1"], Exit.usage, mentioning: ["evaluate pose"])
    try place.refuses(good + ["--report", "no/r.html"], Exit.cannotWrite, mentioning: ["no/r.html"])
    try place.refuses(good + ["--weights", "no"], Exit.weightsUnreadable, mentioning: ["no"])
    let cache = ["evaluate", "homography", ".", "--cache", "none.txt/c"]
    try place.refuses(cache, Exit.cannotWrite, mentioning: ["none.txt/c", "--no-cache"])
  }
}
