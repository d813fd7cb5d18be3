// What the package's manifest promises: another package may depend on it by version, and a build after a change is as
// good as a build from scratch.

import Foundation
import Testing

@Suite struct ManifestTests {
  private let manifest: String

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    manifest = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
  }

  @Test func noUnsafeFlags() {
    #expect(!manifest.contains("unsafeFlags"))
  }

  /// A small package with the end of our manifest: three modules in a row, of which the last uses a type that holds a
  /// type of the first. When that one grows, all three must be compiled again.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["SANITIZED"] == nil))
  func aChangedLayoutReachesEveryModule() throws {
    let start = try #require(manifest.range(of: "// SwiftPM compiles a target again only")).lowerBound
    let workplace = try Workplace()
    for folder in ["low", "middle", "high"] {
      try FileManager.default.createDirectory(
        atPath: workplace.path("Sources/" + folder), withIntermediateDirectories: true)
    }
    func low(_ more: String) -> String {
      "package struct Low { \(more)\npackage var value: Int; package init(_ value: Int) { self.value = value } }"
    }
    func write(_ text: String, _ name: String) throws { try workplace.write(Array(text.utf8), to: name) }
    try write(
      """
      // swift-tools-version: 6.2
      import PackageDescription
      let package = Package(name: "layout", targets: [
        .target(name: "low"), .target(name: "middle", dependencies: ["low"]),
        .executableTarget(name: "high", dependencies: ["middle"]),
      ])
      \(manifest[start...])
      """, "Package.swift")
    try write(
      """
      import low
      package struct Middle { var low: Low; package var tail: Int
        package init(_ value: Int) { low = Low(value); tail = 10 * value } }
      package func made(_ count: Int) -> [Middle] { (0..<count).map { Middle($0) } }
      """, "Sources/middle/middle.swift")
    try write(
      "import middle\nprint(made(4).reduce(0) { $0 + $1.tail }, Middle(7).tail)", "Sources/high/main.swift")
    for more in ["", "package var more = (1, 2, 3)"] {
      try write(low(more), "Sources/low/low.swift")
      let run = try MatchProgram.run(
        ["swift", "run", "--quiet", "high"], in: workplace.folder,
        executable: "/usr/bin/env",
        limit: 300)
      #expect(run.status == 0 && run.text == "60 70\n", "\(run.text)\(run.errors.suffix(500))")
    }
  }
}
