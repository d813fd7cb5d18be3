// Files that cannot be read, and the form of every message.

import Files
import Glibc
import Tensor
import Testing

@testable import Weights

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite final class FileErrorTests {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory.path
      + "/weights-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test func missing() {
    for path in ["", folder + "/none", folder + "/none/below", folder + "/a\0b"] {
      #expect(throws: WeightsError.notFound(source: path)) { try ModelFile(path: path) }
    }
  }

  @Test func directory() {
    #expect(throws: WeightsError.isDirectory(source: folder)) { try ModelFile(path: folder) }
  }

  @Test func pipe() {
    let path = folder + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: WeightsError.notRegularFile(source: path)) { try ModelFile(path: path) }
    #expect(throws: WeightsError.notRegularFile(source: "/dev/null")) { try ModelFile(path: "/dev/null") }
  }

  @Test func empty() throws {
    let path = try write([])
    #expect(throws: WeightsError.tooShort(source: path, bytes: 0)) { try ModelFile(path: path) }
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything")) func permissions() throws {
    let path = try write([1])
    #expect(chmod(path, 0) == 0)
    #expect(throws: WeightsError.unreadable(source: path, reason: "Permission denied")) {
      try ModelFile(path: path)
    }
  }

  @Test func linkToItself() {
    let path = folder + "/loop"
    #expect(symlink(path, path) == 0)
    #expect(throws: WeightsError.unreadable(source: path, reason: "Too many levels of symbolic links")) {
      try ModelFile(path: path)
    }
  }

  @Test func tooLarge() throws {
    let path = try write([])
    #expect(truncate(path, 1 << 30 + 1) == 0)
    #expect(throws: WeightsError.tooLarge(source: path, bytes: 1 << 30 + 1, limit: 1 << 30)) {
      try ModelFile(path: path)
    }
  }

  @Test func soundFile() throws {
    let bytes = try ModelFile.bytes(settings: smallSettings, tensors: smallTensors)
    let model = try ModelFile(path: try write(bytes))
    #expect(model.name == "small-v0")
    #expect(model.sha256 == bytes.withUnsafeBytes { SHA256.hexadecimal(of: $0) })
  }

  @Test func messagesAreOneLine() {
    let (at, name) = (
      "folder/file\n.safetensors", "tensor\u{1B}[31m\u{2028}" + String(repeating: "x", count: 500)
    )
    let errors: [WeightsError] = [
      .notFound(source: at), .isDirectory(source: at), .notRegularFile(source: at),
      .unreadable(source: at, reason: "r"), .tooLarge(source: at, bytes: 9, limit: 8),
      .tooShort(source: at, bytes: 1), .pyTorchCheckpoint(source: at),
      .headerLength(source: at, length: 1 << 63, available: 9),
      .headerNotJSON(source: at, offset: 8, problem: "p"),
      .headerTooComplex(source: at, limit: "l"), .duplicateName(source: at, name: name),
      .metadataNotText(source: at, name: name), .entryMalformed(source: at, tensor: name, problem: "p"),
      .offsetCount(source: at, tensor: name, found: 3),
      .offsetsReversed(source: at, tensor: name, begin: 4, end: 0),
      .negativeExtent(source: at, tensor: name, shape: [-1]),
      .shapeOverflow(source: at, tensor: name, shape: [9]),
      .unsupportedType(source: at, tensor: name, type: name),
      .sizeMismatch(source: at, tensor: name, expected: 1, found: 2),
      .overlap(source: at, tensor: name, expectedBegin: 1, begin: 0),
      .hole(source: at, tensor: name, expectedBegin: 0, begin: 1),
      .truncated(source: at, expected: 1, found: 0),
      .trailingBytes(source: at, count: 1), .notFinite(source: at, tensor: name),
      .noModelDescription(source: at),
      .unknownFormat(source: at, format: name), .modelNotJSON(source: at, problem: "p"),
      .modelDescription(source: at, problem: .missing(path: name)),
    ]
    for error in errors {
      let text = error.description
      #expect(text.hasPrefix("folder/file\u{FFFD}.safetensors: "), "\(text)")
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 }, "\(text)")
      #expect(text.contains("; ") && text.count < 600, "\(text)")
    }
    #expect(
      WeightsError.truncated(source: "a", expected: 8, found: 4).description
        == "a: holds 4 bytes of data, the header calls for 8; the file is damaged: download or convert it again"
    )
  }

  private func write(_ bytes: [UInt8]) throws -> String {
    let path = folder + "/file"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}
