// A file is written whole or not at all: after any failure the folder looks as before.

import Foundation
import TestSupport
import Testing
import TestSupport

@testable import Files

@Suite struct AtomicFileTests {
  private func contents(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func writesAndReplaces() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("first".utf8, to: folder + "a.csv")
      #expect(try text(folder + "a.csv") == "first")
      try AtomicFile.write(Array("2".utf8), to: folder + "a.csv")
      #expect(try text(folder + "a.csv") == "2")
      #expect(try contents(folder) == ["a.csv"])
    }
  }

  @Test func piecesBecomeOneFile() throws {
    try withTemporaryFolder { folder in
      var file = try AtomicFile(path: folder + "a.csv")
      for line in 0..<1000 { try file.write("\(line)\n") }
      #expect(try contents(folder).allSatisfy { $0.hasPrefix(".match-") })
      try file.commit()
      #expect(try text(folder + "a.csv").split(separator: "\n").count == 1000)
      #expect(try contents(folder) == ["a.csv"])
    }
  }

  @Test func withoutCommitNothingChanges() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("old".utf8, to: folder + "a.csv")
      func abandon() throws {
        var file = try AtomicFile(path: folder + "a.csv")
        try file.write("new")
      }
      try abandon()
      #expect(try text(folder + "a.csv") == "old")
      #expect(try contents(folder) == ["a.csv"])
    }
  }

  @Test func failedCommitLeavesNothingBehind() throws {
    try withTemporaryFolder { folder in
      func commitOverFolder() throws {
        var file = try AtomicFile(path: folder + "a.csv")
        try file.write("new")
        // The name becomes a folder meanwhile: rename fails.
        try FileManager.default.createDirectory(atPath: folder + "a.csv", withIntermediateDirectories: false)
        try file.commit()
      }
      #expect(throws: FileError.self) { try commitOverFolder() }
      let left = try contents(folder)
      #expect(left == ["a.csv"])
    }
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    try withTemporaryFolder { folder in
      for path in [folder + "none/a.csv", folder, String(folder.dropLast()), "", "/proc/a.csv", "/dev/full"] {
        let error = #expect(throws: FileError.self) { try AtomicFile.write("text".utf8, to: path) }
        guard case .cannotWrite(path, _)? = error else {
          Issue.record("\(path): \(String(describing: error))")
          continue
        }
      }
      let left = try contents(folder)
      #expect(left.isEmpty)
    }
  }

  @Test func devicesAreNotReplaced() throws {
    try AtomicFile.write("text".utf8, to: "/dev/null")
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(type == .typeCharacterSpecial)
  }

  @Test func linksAndPermissionsStay() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("old".utf8, to: folder + "real.csv")
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder + "real.csv")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "link.csv", withDestinationPath: folder + "real.csv")
      try AtomicFile.write("new".utf8, to: folder + "link.csv")
      #expect(try text(folder + "real.csv") == "new")
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: folder + "link.csv") == folder + "real.csv")
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "real.csv")
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try contents(folder) == ["link.csv", "real.csv"])
    }
  }
}
