// A folder for one test, with the files that datasets are made of.

import Foundation
import Imaging
import Testing

@testable import Evaluation

/// A folder that is removed with its contents when the test is over. Names of files are relative to it.
struct DatasetFolder: ~Copyable {
  /// The folder's path.
  let path: String

  init() throws {
    let name = "match-evaluation-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The whole path of a file in the folder.
  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a text, and the folders that its name needs.
  func write(_ text: String, to name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Writes a grey picture of one brightness.
  func writePicture(_ name: String, width: Int = 64, height: Int = 48, brightness: UInt8 = 128) throws {
    let image = GrayImage(
      width: width, height: height, pixels: .bits8([UInt8](repeating: brightness, count: width * height)))
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(try ImageEncoder.encode(image, as: name)).write(to: url)
  }
}

/// A line of a pair file.
struct PairLine {
  var images = "a.png b.png"
  var turns = "0 0"
  var camera0 = "500. 0. 320. 0. 510. 240. 0. 0. 1."
  var camera1 = "600 0 300 0 600 200 0 0 1"
  var motion = "0 -1 0 1 1 0 0 2 0 0 1 3 0 0 0 1"

  var text: String { "\(images) \(turns) \(camera0) \(camera1) \(motion)" }
}
