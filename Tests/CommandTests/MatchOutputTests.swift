// What a successful run writes: CSV, summary, JSON and picture, and that they agree with each other.

import Foundation
import Imaging
import Testing
import Weights

@Suite struct MatchOutputTests {
  /// A pair whose two photos differ in size: 89 matches, one photo seen at another size than its own.
  private func pair() throws -> [String] {
    [try Samples.photo("box.png"), try Samples.photo("box_in_scene.png")]
  }

  @Test func csvOnStandardOutput() throws {
    let workplace = try Workplace()
    let toFile = try workplace.matched(try pair() + ["-o", "matches.csv"])
    let toOutput = try workplace.matched(try pair() + ["-o", "-"])
    #expect(toOutput.output == (try workplace.bytes("matches.csv")))
    // The summary is where the CSV is not, and the same but for its times and the line "wrote".
    #expect(toFile.errors.isEmpty)
    let summaries = [toFile.text, toOutput.errors].map { text in
      text.split(separator: "\n").filter { !$0.hasPrefix("time") && !$0.hasPrefix("wrote") }
    }
    #expect(summaries[0] == summaries[1])
    #expect(summaries[0].count { $0.hasPrefix("photo") } == 2)
    #expect(toFile.text.contains("wrote      matches.csv\n"))
  }

  @Test func rows() throws {
    let run = try Workplace().matched(try pair() + ["-o", "-", "-q"])
    let lines = run.text.split(separator: "\n").dropFirst()
    let format = try Regex(
      #"-?\d+\.\d{3},-?\d+\.\d{3},-?\d+\.\d{3},-?\d+\.\d{3},[01]\.\d{6},[01],"#
        + #"\d+\.\d{6},-?\d+\.\d{6},\d+\.\d{6},(network|refined)"#)
    for line in lines { #expect(try format.wholeMatch(in: String(line)) != nil, "\(line)") }
    let table = try CorrespondenceTable(run.output)
    #expect(table.rows.count >= 30)
    #expect(zip(table.rows, table.rows.dropFirst()).allSatisfy { $0.score >= $1.score })
    for row in table.rows {
      #expect(row.score >= 0.03 && row.score <= 1)
      #expect(row.point0.x >= -0.5 && row.point0.x <= 323.5 && row.point0.y >= -0.5 && row.point0.y <= 222.5)
      #expect(row.point1.x >= -0.5 && row.point1.x <= 511.5 && row.point1.y >= -0.5 && row.point1.y <= 383.5)
    }
  }

  @Test func thresholdAndLimit() throws {
    let workplace = try Workplace()
    func rows(_ options: [String]) throws -> [CorrespondenceTable.Row] {
      let run = try workplace.matched(
        try pair()
          + ["-q", "--geometry", "none", "--rotations", "none", "--scales", "none", "-o", "-"]
          // Refined, the matches left by one threshold would not be the neighbours that they are under another.
          + ["--precision", "network"] + options)
      return try CorrespondenceTable(run.output).rows
    }
    let all = try rows([])
    #expect(all.allSatisfy { !$0.inlier })
    #expect(try rows(["--threshold", "0.03"]) == all)
    let strict = try rows(["--threshold", "0.5"])
    #expect(strict == all.filter { $0.score > 0.5 })
    #expect(!strict.isEmpty && strict.count < all.count)
    #expect(try rows(["--max-matches", "10"]) == Array(all.prefix(10)))
    #expect(try rows(["--max-matches", "1"]).count == 1)
    #expect(try rows(["--threshold", "1"]).isEmpty)
    #expect(try rows(["--threshold", "0"]).count > all.count)
  }

  @Test func quietAndVerbose() throws {
    let workplace = try Workplace()
    #expect(try workplace.matched(try pair() + ["--quiet"]).output.isEmpty)
    #expect(try workplace.matched(try pair() + ["-q", "-o", "-"]).errors.isEmpty)
    let verbose = try workplace.matched(try pair() + ["--verbose", "--threads", "3"]).text
    for text in ["model      compact-v1, ", "sha256 ", "cells      ", "coarse     ", "threads    3\n"] {
      #expect(verbose.contains(text), "\(text)")
    }
  }

  @Test func helpAndVersion() throws {
    let workplace = try Workplace()
    let version = try workplace.matched(["--version"])
    #expect(try Regex(#"\d+\.\d+\.\d+\n"#).wholeMatch(in: version.text) != nil)
    for arguments in [["--help"], ["-h"], ["help", "pair"], ["model", "--help"], ["pair", "--help"]] {
      #expect(try workplace.matched(arguments).text.contains("USAGE: match"))
    }
    let help = try workplace.matched(["help", "pair"]).text
    for option in [
      "--output", "--json", "--draw", "--model", "--weights", "--max-size", "--threshold", "--max-matches",
      "--geometry", "--camera0", "--camera1", "--estimator", "--threads", "--seed", "--quiet", "--verbose",
    ] {
      #expect(help.contains(option), "\(option)")
    }
  }

  @Test func record() throws {
    let workplace = try Workplace()
    _ = try workplace.matched(
      try pair() + [
        "-o", "matches.csv", "--json", "matches.json", "--max-size", "480", "--threshold", "0.2",
        "--max-matches", "60",
        "--geometry",
        "homography", "--estimator", "ransac", "--inlier-threshold", "2.5", "--threads", "2", "--seed", "7",
      ])
    let table = try CorrespondenceTable(try workplace.bytes("matches.csv"))
    let record = try object(try workplace.bytes("matches.json"))
    #expect(record["format"] as? String == "match-run/1")

    let images = try #require(record["images"] as? [[String: Any]])
    #expect(images.map { $0["name"] as? String } == ["box.png", "box_in_scene.png"])
    #expect(images.map { $0["path"] as? String } == Array(try pair().prefix(2)))
    let sizes = images.map { image in
      ["width", "height", "networkWidth", "networkHeight"].map { image[$0] as? Int }
    }
    #expect(sizes == [[324, 223, 320, 224], [512, 384, 480, 368]])

    let options = try record.group("options")
    let numbers = try ["maxSize", "threshold", "maxMatches", "inlierThreshold", "threads", "seed"].map(
      options.number)
    #expect(numbers == [480, 0.2, 60, 2.5, 2, 7])
    let texts = ["geometry", "estimator", "model"].map { options[$0] as? String }
    #expect(texts == ["homography", "ransac", "compact"])

    let model = try record.group("model")
    let sum = try MatchProgram.run([Samples.compact], in: "/", executable: "/usr/bin/sha256sum").text.prefix(
      64)
    #expect(model["sha256"] as? String == String(sum))
    #expect(model["name"] as? String == "compact-v1")
    #expect(try model.number("parameters") == 1_220_551)

    let (counts, geometry) = (try record.group("counts"), try record.group("geometry"))
    #expect(try counts.number("coarseCells0") == 40 * 28)
    #expect(try counts.number("coarseCells1") == 60 * 46)
    #expect(try counts.number("matches") == Double(table.rows.count))
    #expect(table.rows.count > 10 && table.rows.count <= 60)
    #expect(try counts.number("inliers") == Double(table.rows.count { $0.inlier }))
    #expect(try geometry.number("inliers") == Double(table.rows.count { $0.inlier }))
    #expect(try geometry.number("threshold") == 2.5)
    #expect(geometry["kind"] as? String == "homography" && geometry["estimated"] as? Bool == true)
    // The matrix and the column "inlier" belong together.
    let matrix = try geometry.matrix("matrix")
    for row in table.rows where row.inlier { #expect(row.error { mapped(matrix, $0) } < 4) }

    let timings = try #require(record["timings"] as? [[String: Any]])
    let stages = timings.compactMap { $0["stage"] as? String }
    for stage in ["model", "read", "backbone", "transformer", "coarse matching", "fine matching", "geometry"]
    {
      #expect(stages.contains(stage), "\(stage)")
    }
    let seconds = try timings.map { try $0.number("seconds") }
    #expect(seconds.allSatisfy { $0 >= 0 })
    #expect(try record.number("totalSeconds") >= seconds.reduce(0, +))
  }

  /// Cameras make the essential matrix the default, with R and t in the record.
  @Test func essentialMatrix() throws {
    let workplace = try Workplace()
    let camera = "1600,1600,640.5,554.5"
    let photos = [try Samples.photo("aloeL.jpg"), try Samples.photo("aloeR.jpg")]
    let run = try workplace.matched(photos + ["--camera0", camera, "--camera1", camera, "--json", "m.json"])
    #expect(run.text.contains("essential by magsac"))
    #expect(run.text.contains("R | t"))
    let geometry = try object(try workplace.bytes("m.json")).group("geometry")
    // A rectified stereo pair: no rotation, and the second camera to the right of the first.
    let rotation = try geometry.matrix("rotation")
    for row in 0..<3 { #expect(rotation[row][row] > 0.999) }
    let translation = try #require(geometry["translation"] as? [Double])
    #expect(translation[0] < -0.99)
  }

  @Test func picture() throws {
    let workplace = try Workplace()
    for name in ["matches.png", "matches.jpg"] {
      _ = try workplace.matched(try pair() + ["--draw", name, "--geometry", "homography"])
      let picture = try ImageReader(path: workplace.path(name)).color()
      // Two photos of one height and a caption: wider than twice the height of one is not possible here.
      #expect(picture.width >= 324 + 512 && picture.width <= 1920)
      #expect(picture.height >= 223 && picture.height <= 1200)
      // Lines and marks are coloured, the photos are grey.
      let colored = stride(from: 0, to: picture.pixels.count, by: 3).count { start in
        let pixel = picture.pixels[start..<start + 3].map { Int($0) }
        return (pixel.max() ?? 0) - (pixel.min() ?? 0) > 60
      }
      #expect(colored > 1000)
    }
    #expect(try workplace.bytes("matches.png").suffix(8).prefix(4) == Array("IEND".utf8)[...])
  }
}
