// Reading files whole, making and listing folders, names of one file.

import Files
import Foundation
import TestSupport
import Testing

@Suite struct FolderTests {
  @Test(arguments: [0, 1, 65535, 65536, 65537, 200_000]) func filesAreReadWhole(count: Int) throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try AtomicFile.write(bytes, to: folder + "a")
      #expect(try File.read(folder + "a") == bytes)
      #expect(try File.read(folder + "a", limit: count) == bytes)
      if count > 0 {
        #expect(throws: FileError.tooLarge(path: folder + "a", limit: count - 1)) {
          try File.read(folder + "a", limit: count - 1)
        }
      }
    }
  }

  @Test func sizesThatTheSystemDoesNotStateAreNoObstacle() throws {
    #expect(try !File.read("/proc/self/maps").isEmpty)
    #expect(throws: FileError.tooLarge(path: "/dev/zero", limit: 100_000)) {
      try File.read("/dev/zero", limit: 100_000)
    }
  }

  @Test func whatCannotBeReadSaysWhy() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileError.missing(path: folder + "none")) { try File.read(folder + "none") }
      #expect(throws: FileError.missing(path: "")) { try File.read("") }
      #expect(throws: FileError.isFolder(path: folder)) { try File.read(folder) }
      #expect(throws: FileError.unreadable(path: "/none", reason: "No such file or directory")) {
        try Folder.names(in: "/none")
      }
    }
  }

  @Test func foldersAreMadeAndListed() throws {
    try withTemporaryFolder { folder in
      for _ in 0..<2 { try Folder.make(folder + "b/c/") }
      try AtomicFile.write("".utf8, to: folder + "a")
      try AtomicFile.write("".utf8, to: folder + ".hidden")
      #expect(
        Folder.exists(folder + "b/c") && !Folder.exists(folder + "a") && !Folder.exists(folder + "none"))
      #expect(try Folder.names(in: folder) == ["a", "b"])
      #expect(try Folder.names(in: folder, withHidden: true) == [".hidden", "a", "b"])
      #expect(throws: FileError.cannotWrite(path: folder + "a", reason: "a file has this name")) {
        try Folder.make(folder + "a")
      }
      #expect(throws: FileError.cannotWrite(path: folder + "a/d", reason: "Not a directory")) {
        try Folder.make(folder + "a/d")
      }
    }
  }

  @Test func pathsOfOneFile() throws {
    #expect(Path.joined("a", "b") == "a/b" && Path.joined("a/", "b") == "a/b")
    #expect(Path.joined("", "b") == "b" && Path.joined("a", "/b") == "/b")
    #expect(Path.folder(of: "a/b/c.csv") == "a/b/" && Path.folder(of: "c.csv") == "")
    try withTemporaryFolder { folder in
      try Folder.make(folder + "b")
      #expect(Path.nameSameFile(folder + "new.csv", folder + "b/../new.csv"))
      #expect(!Path.nameSameFile(folder + "new.csv", folder + "b/new.csv"))
      try AtomicFile.write("x".utf8, to: folder + "old.csv")
      try FileManager.default.createSymbolicLink(atPath: folder + "link", withDestinationPath: "old.csv")
      #expect(Path.nameSameFile(folder + "old.csv", folder + "link"))
      #expect(!Path.nameSameFile(folder + "old.csv", folder + "new.csv"))
    }
  }
}
