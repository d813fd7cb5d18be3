// What a start costs: the library for picture files is loaded for a picture only, and its absence is told in one line.

import Foundation
import Testing
import TestSupport

@Suite struct StartTests {
  /// Names of files that the dynamic loader opens before `main`, from its own account.
  private func librariesAtStart() throws -> [Substring] {
    let run = try MatchProgram.run([try MatchProgram.path()], in: "/", executable: "/usr/bin/ldd")
    try #require(run.status == 0)
    return run.text.split(separator: "\n")
  }

  @Test func fewLibrariesAtStart() throws {
    let libraries = try librariesAtStart()
    #expect(libraries.contains { $0.contains("libopencv_core") })
    #expect(!libraries.contains { $0.contains("imgcodecs") || $0.contains("gdal") })
    // 37 on Debian 12 with a shared Swift runtime; 155 with imgcodecs.
    #expect(libraries.count < 60)
  }

  /// A folder that the loader searches first, with files that are no libraries under the names of the real one.
  private func brokenCodecs(_ workplace: borrowing Workplace) throws -> [String] {
    let known = try MatchProgram.run(["-p"], in: "/", executable: "/sbin/ldconfig").text
    let names = known.split(whereSeparator: { $0.isWhitespace }).filter {
      $0.hasPrefix("libopencv_imgcodecs.so.")
    }
    try #require(!names.isEmpty)
    for name in Set(names) { try workplace.write(Array("no library".utf8), to: String(name)) }
    return ["LD_LIBRARY_PATH=\(workplace.folder)", try MatchProgram.path()]
  }

  @Test func missingCodecsAreOneLine() throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.bmp")
    let command = try brokenCodecs(workplace)
    for extra in [[], ["--draw", "b.png"]] {
      let run = try MatchProgram.run(
        command + ["a.bmp", "a.bmp"] + extra, in: workplace.folder, executable: "/usr/bin/env")
      #expect(run.status == 70)
      #expect(run.errors.hasPrefix("match: pictures cannot be read or written without OpenCV's imgcodecs ("))
      #expect(run.errors.contains("libopencv_imgcodecs.so.") && run.errors.contains("install"))
      #expect(run.errors.count { $0.isNewline } == 1)
      #expect(run.output.isEmpty)
    }
    // Ordinary PNG and JPEG files are read without, and so does whatever reads no picture.
    for name in ["a.png", "a.jpg"] {
      try workplace.write(blocks(), to: name)
      let run = try MatchProgram.run(
        command + [name, name], in: workplace.folder, executable: "/usr/bin/env")
      #expect(run.status == 0 && run.errors.isEmpty)
    }
    let list = try MatchProgram.run(
      command + ["model", "list"], in: workplace.folder, executable: "/usr/bin/env")
    #expect(list.status == 0 && list.errors.isEmpty)
  }
}
