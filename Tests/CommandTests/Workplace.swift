// A folder for one test: its inputs, the runs of the program in it, and what may and may not be left in it.

import Foundation
import Imaging
import Testing
import TestSupport
import Weights

/// A folder that is removed with its contents when the test is over. Names of files are relative to it.
struct Workplace: ~Copyable {
  /// The folder's path.
  let folder: String

  init() throws {
    let name = "match-command-\(UUID().uuidString)"
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The whole path of a file in the folder.
  func path(_ name: String) -> String { folder + "/" + name }

  /// Writes a file.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  /// Writes a grey picture in the format of the name's extension.
  func write(_ image: GrayImage, to name: String) throws {
    try write(try ImageEncoder.encode(image, as: name), to: name)
  }

  /// Reads a file.
  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Names of all files and folders inside, hidden ones too, with their sizes.
  func contents() throws -> [String: Int] {
    var found: [String: Int] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      let size = try FileManager.default.attributesOfItem(atPath: path(name))[.size] as? Int
      found[name] = size ?? 0
    }
    return found
  }

  /// Runs the program in the folder.
  func match(_ arguments: [String], output: OutputTarget = .captured) throws -> ProgramRun {
    try MatchProgram.run(arguments, in: folder, output: output)
  }

  /// Runs the program, which must succeed and leave nothing on standard error.
  func matched(_ arguments: [String], at location: SourceLocation = #_sourceLocation) throws -> ProgramRun {
    let run = try match(arguments)
    try #require(run.status == 0, "\(run.errors)", sourceLocation: location)
    // With the CSV on standard output, standard error carries the summary.
    if !arguments.contains("-") { #expect(run.errors.isEmpty, sourceLocation: location) }
    return run
  }

  /// Runs the program, which must refuse: the exit code, exactly one line on standard error that contains every
  /// one of `mentioning`, nothing on standard output, and no file added, changed or removed. Returns the line.
  @discardableResult
  func refuses(
    _ arguments: [String], _ status: Int32, mentioning: [String], output: OutputTarget = .captured,
    at location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let before = try contents()
    let run = try match(arguments, output: output)
    let shown = "match \(arguments.joined(separator: " ")): \(run.errors)"
    #expect(run.status == status, "\(shown)", sourceLocation: location)
    #expect(run.output.isEmpty, "\(shown)", sourceLocation: location)
    #expect(run.errors.hasPrefix("match: "), "\(shown)", sourceLocation: location)
    #expect(run.errors.hasSuffix("\n"), "\(shown)", sourceLocation: location)
    #expect(run.errors.count { $0.isNewline } == 1, "\(shown)", sourceLocation: location)
    for text in mentioning {
      #expect(run.errors.contains(text), "'\(text)' is not in: \(shown)", sourceLocation: location)
    }
    #expect(try contents() == before, "\(shown)", sourceLocation: location)
    return run.errors
  }
}

/// Files of the repository and of the package opencv-doc, which `make test` installs.
enum Samples {
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// A small LoFTR of random weights.
  static let smallLoFTR = repository + "/fixtures/goldens/loftr-small.safetensors"
  /// The file of the embedded model.
  static let compact = repository + "/Sources/CModels/compact.safetensors"

  /// A photo or its ground truth.
  static func photo(_ name: String) throws -> String { try SamplePictures.path(name) }
}

/// The exit codes that the README lists.
enum Exit {
  static let usage: Int32 = 64
  static let imageDamaged: Int32 = 65
  static let imageMissing: Int32 = 66
  static let imageUnsuitable: Int32 = 67
  static let weightsUnreadable: Int32 = 68
  static let weightsDoNotFit: Int32 = 69
  static let notEnoughMemory: Int32 = 71
  static let cannotWrite: Int32 = 73
  static let outputClosed: Int32 = 74
}
