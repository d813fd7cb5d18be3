// --rotations auto and --scales auto: pairs that the network does not match as they are.

import Foundation
import Imaging
import Testing

@Suite struct ViewOptionTests {
  @Test func aTurnedPhotoIsFoundOutAndReported() throws {
    let workplace = try Workplace()
    let (first, second) = (try Samples.photo("graf1.png"), try Samples.photo("graf3.png"))
    let image = try ImageReader(path: second).gray()
    let turned = QuarterTurns(1).turned(image)
    try workplace.write(turned, to: "turned.png")

    let upright = try CorrespondenceTable(workplace.matched([first, second, "-q", "-o", "-"]).output).rows
    let blind = try CorrespondenceTable(
      workplace.matched([first, "turned.png", "--rotations", "none", "-q", "-o", "-"]).output
    ).rows
    let run = try workplace.matched(
      [first, "turned.png", "--max-matches", "500", "-o", "m.csv", "--json", "m.json"])
    let found = try CorrespondenceTable(try workplace.bytes("m.csv")).rows
    #expect(blind.count < upright.count / 2)
    #expect(found.count == 500)
    for (row, truth) in zip(found, upright.prefix(500)) {
      #expect(row.point0 == truth.point0)
      let back = QuarterTurns(-1).turned(row.point1, width: turned.width, height: turned.height)
      #expect(abs(back.x - truth.point1.x) < 0.002 && abs(back.y - truth.point1.y) < 0.002)
    }
    #expect(run.text.contains("turned.png, 640x800, seen at 512x640, turned by 270 degrees"))
    let text = String(decoding: try workplace.bytes("m.json"), as: UTF8.self)
    #expect(text.contains("\"quarterTurns\" : 3") && text.contains("\"rotations\" : \"auto\""))
  }

  @Test func unknownChoicesAreRefused() throws {
    let pair = [try Samples.photo("box.png"), try Samples.photo("box_in_scene.png")]
    let run = try Workplace().match(pair + ["--rotations", "all"])
    #expect(run.status == 64 && run.errors.contains("--rotations"))
  }
}
