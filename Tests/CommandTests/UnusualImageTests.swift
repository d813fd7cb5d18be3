// Pictures out of the ordinary that are matched all the same.
// The blocks of TestPictures are matched with themselves in another form, so every point must come back.

import Foundation
import Imaging
import Testing
import TestSupport

@Suite struct UnusualImageTests {
  /// Nearly every match of `name` with the plain blocks is the identity, and there are many.
  private func matchesBlocks(
    _ workplace: borrowing Workplace, _ name: String, at location: SourceLocation = #_sourceLocation
  ) throws {
    try workplace.write(blocks(), to: "blocks.png")
    for pair in [["blocks.png", name], [name, "blocks.png"]] {
      let run = try workplace.matched(pair + ["-o", "matches.csv"], at: location)
      #expect(run.text.contains("\(name), 160x160"), "\(run.text)", sourceLocation: location)
      let table = try CorrespondenceTable(try workplace.bytes("matches.csv"))
      // 400 coarse cells, 387 matches for each of the forms when this was written.
      #expect(table.rows.count >= 350, sourceLocation: location)
      #expect(table.share(within: 1) { $0 } >= 0.99, sourceLocation: location)
    }
  }

  @Test func sixteenBits() throws {
    let workplace = try Workplace()
    try workplace.write(deepBlocks(), to: "deep.png")
    try matchesBlocks(workplace, "deep.png")
  }

  @Test func cmyk() throws {
    let workplace = try Workplace()
    try workplace.write(cmykBlocks, to: "cmyk.jpg")
    try matchesBlocks(workplace, "cmyk.jpg")
  }

  @Test(arguments: [UInt8(8), 16]) func alpha(bitDepth: UInt8) throws {
    let workplace = try Workplace()
    let rows = (0..<160).map { y in
      (0..<160).flatMap { x in
        let (value, opacity) = (UInt8(blockBrightness(x, y)), UInt8(x))
        return [value, value, value, opacity].flatMap { [UInt8](repeating: $0, count: Int(bitDepth) / 8) }
      }
    }
    let file = PNGFile(width: 160, height: 160, bitDepth: bitDepth, colorType: 6, rows: rows)
    try workplace.write(file.bytes, to: "alpha.png")
    try matchesBlocks(workplace, "alpha.png")
  }

  /// A photo stored lying on its side, with the EXIF orientation that sets it upright: sizes and points are
  /// those of the upright photo.
  @Test func orientation() throws {
    let workplace = try Workplace()
    let (width, height) = (240, 160)
    let upright = gray8(width, height, blockBrightness)
    let lying = gray8(height, width) { x, y in blockBrightness(width - 1 - y, x) }
    try workplace.write(upright, to: "upright.png")
    try workplace.write(withOrientation(6, try ImageEncoder.encode(lying, as: "a.jpg")), to: "lying.jpg")
    let outputs = ["-o", "matches.csv", "--json", "matches.json", "--draw", "matches.png"]
    let run = try workplace.matched(["upright.png", "lying.jpg"] + outputs)
    #expect(run.text.contains("lying.jpg, 240x160"))
    let table = try CorrespondenceTable(try workplace.bytes("matches.csv"))
    #expect(table.rows.count >= 450)
    #expect(table.share(within: 1) { $0 } >= 0.99)
    let images = try #require(try object(try workplace.bytes("matches.json"))["images"] as? [[String: Any]])
    for image in images {
      #expect(image["width"] as? Int == width && image["height"] as? Int == height)
      #expect(image["networkWidth"] as? Int == width && image["networkHeight"] as? Int == height)
    }
    // Drawn upright as well: both halves of the picture are wider than high.
    let picture = try ImageReader(path: workplace.path("matches.png")).color()
    #expect(picture.width > 2 * picture.height)
  }

  /// 20000 x 20000 pixels at the default size: one byte a pixel and copy, never the 1.6 GB of floats.
  @Test func gigantic() throws {
    let workplace = try Workplace()
    try workplace.write(PNGFile.black(width: 20_000, height: 20_000), to: "gigantic.png")
    try workplace.write(blocks(), to: "blocks.png")
    let run = try workplace.matched(["gigantic.png", "blocks.png"])
    #expect(run.text.contains("gigantic.png, 20000x20000, seen at 640x640"))
    // Sanitizers keep what was freed, and need memory of their own.
    guard ProcessInfo.processInfo.environment["SANITIZED"] == nil else { return }
    #expect(run.peakMegabytes < 1500, "\(run.peakMegabytes) MB")
  }

  /// At full size such a pair needs more memory than the machine has: the message says which size does not.
  @Test(.enabled(if: ProcessInfo.processInfo.physicalMemory < 100_000_000_000, "this machine might do it"))
  func giganticAtFullSize() throws {
    let workplace = try Workplace()
    try workplace.write(PNGFile.black(width: 20_000, height: 20_000), to: "gigantic.png")
    let line = try workplace.refuses(
      ["gigantic.png", "gigantic.png", "--max-size", "0"], Exit.notEnoughMemory,
      mentioning: ["20000x20000", "MB of memory", "--max-size "])
    let advice = try #require(try Regex(#"--max-size (\d+) would fit"#).firstMatch(in: line), "\(line)")
    let size = try #require(advice.output[1].substring.flatMap { Int($0) })
    #expect((16..<20_000).contains(size) && size % 16 == 0, "\(line)")
  }

  @Test func withoutTexture() throws {
    let workplace = try Workplace()
    try workplace.write(plain(320, 240), to: "a.png")
    try workplace.write(plain(240, 320), to: "b.png")
    let outputs = ["-o", "matches.csv", "--json", "matches.json", "--draw", "matches.png"]
    let run = try workplace.matched(["a.png", "b.png"] + outputs)
    #expect(run.text.contains("matches    0\n"))
    #expect(run.text.contains("fundamental: not estimated: 0 matches, at least 8 are needed"))
    #expect(
      try workplace.bytes("matches.csv") == Array("x0,y0,x1,y1,score,inlier,sxx,sxy,syy,precision\n".utf8))
    let record = try object(try workplace.bytes("matches.json"))
    #expect(try record.group("counts").number("matches") == 0)
    #expect(try record.group("geometry")["estimated"] as? Bool == false)
    #expect(try record.group("geometry")["reason"] as? String == "0 matches, at least 8 are needed")
    #expect(throws: Never.self) { try ImageReader(path: workplace.path("matches.png")).color() }
  }

  @Test func identicalPhotos() throws {
    let photo = try Samples.photo("leuvenA.jpg")
    let workplace = try Workplace()
    let run = try workplace.matched([photo, photo, "-o", "matches.csv"])
    #expect(run.text.contains("fundamental: not estimated: hardly a match moves by more than"))
    let table = try CorrespondenceTable(try workplace.bytes("matches.csv"))
    #expect(table.rows.count >= 4000)
    #expect(table.share(within: 1) { $0 } >= 0.99)
    #expect(table.rows.allSatisfy { !$0.inlier })
  }

  /// A photo and its fourfold enlargement: each point comes back in the pixels of its own photo, without the
  /// shift of 1.5 px that a confusion of pixel centres and corners would leave.
  @Test func enlargedCopy() throws {
    let workplace = try Workplace()
    let photo = try ImageReader(path: try Samples.photo("leuvenA.jpg")).gray()
    let scale = SIMD2(3000 / Double(photo.width), 2250 / Double(photo.height))
    try workplace.write(try photo.resized(width: 3000, height: 2250), to: "large.png")
    try workplace.write(photo, to: "small.png")
    _ = try workplace.matched(["small.png", "large.png", "-o", "matches.csv"])
    let table = try CorrespondenceTable(try workplace.bytes("matches.csv"))
    #expect(table.rows.count >= 3400)
    let truth = { (point: SIMD2<Double>) in (point + 0.5) * scale - 0.5 }
    #expect(table.share(within: 4, of: truth) >= 0.99)
    let mean = table.rows.map { $0.point1 - truth($0.point0) }.reduce(.zero, +) / Double(table.rows.count)
    #expect(length(mean) < 0.5, "\(mean)")
  }

  @Test func veryDifferentSizes() throws {
    let workplace = try Workplace()
    let photo = try ImageReader(path: try Samples.photo("graf1.png")).gray()
    try workplace.write(try photo.resized(width: 4000, height: 3000), to: "large.jpg")
    try workplace.write(try photo.resized(width: 100, height: 80), to: "small.png")
    for (first, second) in [("large.jpg", "small.png"), ("small.png", "large.jpg")] {
      let run = try workplace.matched([first, second, "-o", "matches.csv", "--draw", "matches.png"])
      #expect(run.text.contains("large.jpg, 4000x3000, seen at 640x480"))
      #expect(run.text.contains("small.png, 100x80, seen at 96x80"))
      for row in try CorrespondenceTable(try workplace.bytes("matches.csv")).rows {
        let (large, small) = first == "large.jpg" ? (row.point0, row.point1) : (row.point1, row.point0)
        #expect(large.x >= -0.5 && large.x <= 3999.5 && large.y >= -0.5 && large.y <= 2999.5)
        #expect(small.x >= -0.5 && small.x <= 99.5 && small.y >= -0.5 && small.y <= 79.5)
      }
    }
  }
}
