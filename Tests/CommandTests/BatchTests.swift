// match batch as a user runs it: equal to matching each pair alone, whatever interrupts it.

import Foundation
import Glibc
import Imaging
import PairStore
import Testing
import TestSupport

@Suite struct BatchTests {
  /// Photos of one wall of blocks, each a few pixels further to the side.
  private func photos(_ count: Int, in workplace: borrowing Workplace) throws {
    try FileManager.default.createDirectory(
      atPath: workplace.path("photos/sub"), withIntermediateDirectories: true)
    let wall = try ImageReader(path: try Samples.photo("graf1.png")).gray()
    for index in 0..<count {
      let place = PixelRegion(x: 200 + 5 * index, y: 200 + 3 * index, width: 112, height: 96)
      let picture = wall.cropped(to: place)
      try workplace.write(picture, to: "photos/\(index % 3 == 2 ? "sub/" : "")\(index).png")
    }
  }

  /// The records of a folder without their times, sorted: what two runs must have in common to the last bit.
  private func records(_ folder: String) throws -> [[UInt8]] {
    var records: [[UInt8]] = []
    try PairStoreFolder(path: folder).forEach { pair in
      records.append(PairRecord.encode(pair).dropLast(PairRecord.timeByteCount))
    }
    return records.sorted { $0.lexicographicallyPrecedes($1) }
  }

  @Test func everyPairAsIfMatchedAlone() throws {
    let workplace = try Workplace()
    try photos(4, in: workplace)
    try workplace.write(plain(100, 90), to: "photos/z.png")
    let run = try workplace.matched(["batch", "photos", "-o", "out/a", "--threads", "2"])
    #expect(run.text.contains("10 of 10 stored"))
    let store = try PairStoreFolder(path: workplace.path("out/a"))
    #expect(store.header.options["max-size"] == "640")
    #expect(store.missingPairCount == 0)
    let names = Set(["0.png", "1.png", "3.png", "sub/2.png", "z.png"])
    var (seen, matchCount): (Set<Set<String>>, Int) = ([], 0)
    try store.forEach { pair in
      #expect(names.contains(pair.name0) && names.contains(pair.name1))
      #expect(seen.insert([pair.name0, pair.name1]).inserted)
      let matches = try #require(pair.matches)
      _ = try workplace.matched(
        [
          "photos/\(pair.name0)", "photos/\(pair.name1)", "-o", "m.csv", "--rotations", "none", "--scales",
          "none",
        ])
      let table = try CorrespondenceTable(workplace.bytes("m.csv"))
      try #require(table.rows.count == matches.count, "\(pair.name0) \(pair.name1)")
      for (index, row) in table.rows.enumerated() {
        let stored = matches.correspondences
        let (point0, point1) = (stored.points0[index], stored.points1[index])
        let found = [point0.x, point0.y, point1.x, point1.y, stored.scores[index]]
        for (left, right) in zip(found, [row.point0.x, row.point0.y, row.point1.x, row.point1.y, row.score]) {
          #expect(abs(left - right) < 0.00052)
        }
        #expect(matches.inliers[index] == row.inlier)
      }
      matchCount += matches.count
    }
    #expect(seen.count == 10)
    #expect(matchCount > 300)
  }

  @Test func threadsMemoryAndShardsChangeNothing() throws {
    let workplace = try Workplace()
    try photos(7, in: workplace)
    let base = ["batch", "photos", "--max-size", "96", "-q"]
    _ = try workplace.matched(base + ["-o", "whole", "--threads", "4"])
    let whole = try records(workplace.path("whole"))
    #expect(whole.count == 21)
    // The least memory that the program takes: features go to disk and come back.
    let refusal = try workplace.match(base + ["-o", "none", "--memory", "1MB"])
    #expect(refusal.status == Exit.notEnoughMemory)
    let stated = refusal.errors.split(separator: " ").compactMap { word in
      word.hasSuffix("MB") ? Int(word.dropLast(2)) : nil
    }
    let least = try #require(stated.max())
    // What the process takes before the first pair differs by a megabyte or two from run to run.
    var small = refusal
    for megabytes in least..<least + 20 where small.status == Exit.notEnoughMemory {
      small = try workplace.match(
        ["batch", "photos", "--max-size", "96", "-v", "-o", "small", "--memory", "\(megabytes)MB"])
    }
    try #require(small.status == 0, "\(small.errors)")
    #expect(small.text.contains("from disk"))
    #expect(!small.text.contains(" 0 from disk"))
    #expect(try records(workplace.path("small")) == whole)
    #expect(try workplace.contents().keys.allSatisfy { !$0.contains("features") })
    for shard in 1...4 {
      _ = try workplace.matched(base + ["-o", "parts/\(shard)", "--shard", "\(shard)/4", "--threads", "1"])
    }
    #expect(try records(workplace.path("parts")) == whole)
    let parts = try PairStoreFolder(path: workplace.path("parts"))
    #expect(parts.missingPairCount == 0)
    let sum = try parts.stores.map { try $0.pairs().count }.reduce(0, +)
    #expect(sum == 21, "no pair is in two shards")
  }

  /// Twenty runs that are killed at random moments; the same command goes on until all is done.
  @Test func killedRunsLoseNothing() throws {
    let workplace = try Workplace()
    try photos(8, in: workplace)
    let command = ["batch", "photos", "--max-size", "96", "-q", "--threads", "2"]
    let start = ContinuousClock.now
    _ = try workplace.matched(command + ["-o", "whole"])
    let duration = (ContinuousClock.now - start) / .seconds(1)
    let whole = try records(workplace.path("whole"))
    var random = SystemRandomNumberGenerator()
    var (kills, rounds, torn) = (0, 0, 0)
    while kills < 20 && rounds < 100 {
      rounds += 1
      try? FileManager.default.removeItem(atPath: workplace.path("out"))
      var stored = 0
      while true {
        let delay = Double.random(in: 0...duration * 0.8, using: &random)
        let run = try MatchProgram.run(
          ["-s", "KILL", "\(delay + 0.001)", try MatchProgram.path()] + command + ["-o", "out"],
          in: workplace.folder, executable: "/usr/bin/timeout")
        if run.status == 0 { break }
        // timeout reports a killed child as 137, or dies likewise.
        try #require(run.status == 137 || run.status == -9, "\(run.status): \(run.errors)")
        kills += 1
        let path = workplace.path("out/shard-1-of-1.pairs")
        guard let store = try? PairStoreReader(path: path) else { continue }
        let now = try store.pairs().count
        #expect(now >= stored)
        if now > stored && now < whole.count { torn += 1 }
        stored = now
      }
      #expect(try records(workplace.path("out")) == whole)
    }
    #expect(kills >= 20)
    #expect(torn > 0, "no kill came while pairs were matched")
  }

  @Test func interruptionKeepsWhatIsDone() throws {
    let workplace = try Workplace()
    try photos(12, in: workplace)
    let command = ["batch", "photos", "-o", "out", "--threads", "1"]
    var (interrupted, completed) = (false, false)
    for attempt in 1...10 where !interrupted {
      try? FileManager.default.removeItem(atPath: workplace.path("out"))
      let run = try MatchProgram.run(
        ["--preserve-status", "-s", "INT", "\(0.15 * Double(attempt))", try MatchProgram.path()] + command,
        in: workplace.folder, executable: "/usr/bin/timeout")
      completed = completed || run.status == 0
      // On a busy machine the signal may come before the program listens: then it says nothing.
      guard run.status == 130, !run.errors.isEmpty else { continue }
      interrupted = true
      #expect(run.errors.hasPrefix("match: interrupted: "))
      #expect(run.errors.contains("run the same command to resume"))
      #expect(run.errors.count { $0.isNewline } == 1)
    }
    #expect(interrupted || completed)
    // A machine that matches 66 pairs in a quarter of a second has nothing to interrupt.
    let finished = try workplace.matched(command)
    #expect(finished.text.contains("66 of 66 stored"))
  }

  @Test func badImagesFailAlone() throws {
    let workplace = try Workplace()
    try photos(3, in: workplace)
    try workplace.write([], to: "photos/empty.jpg")
    try workplace.write("no picture".utf8, to: "photos/text.png")
    let run = try workplace.matched(["batch", "photos", "-o", "out"])
    #expect(run.text.contains("10 of 10 stored, 7 failed"))
    #expect(run.text.contains("empty.jpg: photos/empty.jpg: the file is empty"))
    var failures: [String: Int] = [:]
    try PairStoreFolder(path: workplace.path("out")).forEach { pair in
      guard case .failed(let part, let reason) = pair.outcome else { return }
      let name = part == .image0 ? pair.name0 : pair.name1
      #expect(reason.contains(name))
      failures[name, default: 0] += 1
    }
    #expect(failures.values.reduce(0, +) == 7)
    #expect(Set(failures.keys) == ["empty.jpg", "text.png"])
    // Failures are results: they are not tried again unless that is asked for.
    #expect(
      try workplace.matched(["batch", "photos", "-o", "out"]).text.contains("10 of 10 stored, 0 of them now"))
    try photos(3, in: workplace)
    try workplace.write(gray8(112, 96, blockBrightness), to: "photos/empty.jpg")
    let again = try workplace.matched(["batch", "photos", "-o", "out", "--retry-failed"])
    #expect(again.text.contains("7 of them now, 4 failed"))
    let store = try PairStoreFolder(path: workplace.path("out"))
    #expect(store.pairCount == 10)
  }

  @Test func nothingButBadImages() throws {
    let workplace = try Workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path("photos"), withIntermediateDirectories: true)
    for name in ["a.jpg", "b.jpg"] { try workplace.write([], to: "photos/\(name)") }
    let run = try workplace.match(["batch", "photos", "-o", "out"])
    #expect(run.status == 72)
    #expect(run.errors.contains("none of the 1 pairs could be matched"))
    #expect(run.errors.count { $0.isNewline } == 1)
  }

  @Test func masksKeepMatchesAway() throws {
    let workplace = try Workplace()
    try photos(2, in: workplace)
    try FileManager.default.createDirectory(
      atPath: workplace.path("masks"), withIntermediateDirectories: true)
    // A mask of half the size: the left 56 columns of the first photo are ignored.
    try workplace.write(gray8(56, 48) { x, _ in x < 28 ? 0 : 255 }, to: "masks/0.png.png")
    for (folder, options) in [("plain", []), ("masked", ["--masks", "masks"])] {
      _ = try workplace.matched(["batch", "photos", "-o", folder, "--geometry", "none"] + options)
    }
    func matches(_ folder: String) throws -> StoredMatches {
      var found: StoredMatches?
      try PairStoreFolder(path: workplace.path(folder)).forEach { found = $0.matches }
      return try #require(found)
    }
    let (all, kept) = (try matches("plain"), try matches("masked"))
    let expected = all.correspondences.points0.filter { $0.x >= 55.5 }
    #expect(kept.correspondences.points0 == expected)
    #expect(!expected.isEmpty && expected.count < all.count)
  }

  @Test func overlapSearchFindsThePairs() throws {
    let workplace = try Workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path("photos"), withIntermediateDirectories: true)
    // Four places, three photos of each.
    for index in 0..<12 {
      let (place, view) = (index / 3, index % 3)
      let picture = gray8(160, 128) { x, y in blockBrightness(x + 5 * view + 4096 * place, y + 3 * view) }
      try workplace.write(picture, to: "photos/\(index + 10).png")
    }
    let search = ["batch", "photos", "-o", "out", "--overlap-search", "2"]
    _ = try workplace.matched(search + ["--write-pairs", "pairs.txt", "-q"])
    let lines = String(decoding: try workplace.bytes("pairs.txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 12)
    let run = try workplace.matched(search)
    #expect(run.text.contains("12 of 12 stored"))
    #expect(try workplace.contents()["out/.overlap-search"] == nil)
    // The list serves shards.
    for shard in 1...2 {
      _ = try workplace.matched(
        ["batch", "photos", "-o", "list/\(shard)", "--pairs", "pairs.txt", "--shard", "\(shard)/2", "-q"])
    }
    #expect(try records(workplace.path("list")) == (try records(workplace.path("out"))))
    var (same, all) = (0, 0)
    try PairStoreFolder(path: workplace.path("out")).forEach { pair in
      let numbers = [pair.name0, pair.name1].map { ((Int($0.prefix(2)) ?? 0) - 10) / 3 }
      all += 1
      if numbers[0] == numbers[1] { same += 1 }
    }
    #expect(same == 12 && all == 12, "every photo with the two others of its place")
  }

  @Test func turnedPhotosWithRotations() throws {
    let workplace = try Workplace()
    try photos(1, in: workplace)
    let wall = try ImageReader(path: try Samples.photo("graf1.png")).gray()
    let turned = QuarterTurns(1).turned(wall.cropped(to: PixelRegion(x: 205, y: 203, width: 112, height: 96)))
    try workplace.write(turned, to: "photos/turned.png")
    _ = try workplace.matched(["batch", "photos", "-o", "out", "--rotations", "auto"])
    try PairStoreFolder(path: workplace.path("out")).forEach { pair in
      let matches = try #require(pair.matches)
      _ = try workplace.matched(
        [
          "photos/\(pair.name0)", "photos/\(pair.name1)", "-o", "m.csv", "--rotations", "auto", "--scales",
          "none",
        ])
      #expect(try CorrespondenceTable(workplace.bytes("m.csv")).rows.count == matches.count)
      #expect(matches.quarterTurns == 3, "turning back takes three turns")
      #expect(matches.count > 50)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "a small disk is mounted, which takes root")) func fullDisk() throws {
    let workplace = try Workplace()
    try photos(8, in: workplace)
    _ = try workplace.matched(["batch", "photos", "-o", "whole", "-q"])
    try FileManager.default.createDirectory(atPath: workplace.path("disk"), withIntermediateDirectories: true)
    let mounted = try MatchProgram.run(
      ["-t", "tmpfs", "-o", "size=32k", "tmpfs", workplace.path("disk")], in: workplace.folder,
      executable: "/usr/bin/mount")
    // Containers may forbid mounting even to root.
    guard mounted.status == 0 else { return }
    defer {
      _ = try? MatchProgram.run([workplace.path("disk")], in: workplace.folder, executable: "/usr/bin/umount")
    }
    let run = try workplace.match(["batch", "photos", "-o", "disk/out", "-q"])
    #expect(run.status == Exit.cannotWrite)
    #expect(run.errors.contains("No space left on device"))
    #expect(run.errors.contains("run the same command again"))
    #expect(run.errors.count { $0.isNewline } == 1)
    let kept = try records(workplace.path("disk/out"))
    #expect(!kept.isEmpty && kept.count < 28)
    let larger = try MatchProgram.run(
      ["-o", "remount,size=4m", workplace.path("disk")], in: workplace.folder, executable: "/usr/bin/mount")
    try #require(larger.status == 0)
    _ = try workplace.matched(["batch", "photos", "-o", "disk/out", "-q"])
    #expect(try records(workplace.path("disk/out")) == (try records(workplace.path("whole"))))
  }

  @Test func otherCommandsAndFoldersAreRefused() throws {
    let workplace = try Workplace()
    try photos(3, in: workplace)
    _ = try workplace.matched(["batch", "photos", "-o", "out", "-q"])
    let again = ["batch", "photos", "-o", "out"]
    try workplace.refuses(
      again + ["--max-size", "320"], Exit.usage,
      mentioning: ["out/shard-1-of-1.pairs", "--max-size 640, not 320", "another folder"])
    try workplace.refuses(
      again + ["--sequential", "1"], Exit.usage,
      mentioning: ["--exhaustive", "--sequential", "other pairs: 3, not 2"])
    try workplace.refuses(
      ["batch", "none", "-o", "x"], Exit.imageMissing, mentioning: ["none", "cannot be listed"])
    try workplace.refuses(
      ["batch", "photos/sub", "-o", "x"], 72, mentioning: ["photos/sub", "no pairs", "two images"])
    try workplace.write("0.png 1.png\n0.png nothing.png\n".utf8, to: "pairs.txt")
    try workplace.refuses(
      ["batch", "photos", "-o", "x", "--pairs", "pairs.txt"], 72,
      mentioning: ["pairs.txt, line 2", "'nothing.png'", "photos"])
    try workplace.refuses(
      ["batch", "photos", "-o", "x", "--pairs", "none.txt"], 72, mentioning: ["none.txt", "cannot be read"])
    try workplace.refuses(
      ["batch", "photos", "-o", "pairs.txt"], Exit.cannotWrite,
      mentioning: ["pairs.txt", "a file has this name"])
    try workplace.refuses(
      ["batch", "photos", "-o", "x", "--masks", "none"], Exit.imageMissing,
      mentioning: ["none", "cannot be listed"])
  }

  @Test(arguments: [
    (["--max-size", "7"], ["--max-size", "out of range"]),
    (["--sequential", "0"], ["--sequential", "out of range"]),
    (["--overlap-search", "0"], ["--overlap-search", "out of range"]),
    (["--exhaustive", "--sequential", "2"], ["--exhaustive and --sequential", "use one"]),
    (["--shard", "3/2"], ["--shard", "I/N"]), (["--shard", "0/2"], ["--shard", "I/N"]),
    (["--shard", "x"], ["--shard", "I/N"]), (["--memory", "much"], ["--memory", "much", "as in 2GB"]),
    (["--memory", "-1GB"], ["--memory", "-1GB", "as in 2GB"]),
    (["--geometry", "essential"], ["essential", "cameras"]),
    (["--threads", "0"], ["--threads", "out of range"]), (["-q", "-v"], ["--quiet", "--verbose"]),
    (["--overlap-search", "2", "--shard", "1/2"], ["--shard", "--write-pairs", "--pairs"]),
    (["--model", "huge"], ["'huge'", "known"]),
  ])
  func wrongOptions(options: [String], mentioning: [String]) throws {
    let workplace = try Workplace()
    try photos(1, in: workplace)
    try workplace.refuses(["batch", "photos", "-o", "out"] + options, Exit.usage, mentioning: mentioning)
  }
}
