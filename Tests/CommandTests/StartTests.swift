// What a start costs: the libraries that are loaded before `main`.

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
    // 52 on Debian 12 with a shared Swift runtime; 155 with OpenCV's imgcodecs.
    #expect(libraries.count < 60)
  }
}
