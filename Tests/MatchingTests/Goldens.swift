// The golden tensors of fixtures/goldens, and how far a stage may be from them.
// training/goldens/make_goldens.py makes them from kornia's LoFTR and from the PyTorch definition of compact.

import Foundation
import Imaging
import Tensor
import Testing
import TestSupport
import Weights

@testable import Matching

/// One golden case: the reference's stages, and the inputs that they came from.
struct Golden {
  let file: SafetensorsFile

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  init(_ name: String) throws {
    file = try SafetensorsFile(path: Self.path("fixtures/goldens/\(name).safetensors"))
  }

  static func path(_ relative: String) -> String {
    root.appending(path: relative).path(percentEncoded: false)
  }

  /// The matcher of a model file, with the tensors and settings that the case brings instead.
  func matcher(_ relative: String) throws -> Matcher {
    let model = try ModelFile(path: Self.path(relative))
    var (settings, tensors) = (model.settings, model.tensors)
    for (name, tensor) in file.tensors where name.hasPrefix("weights.") {
      tensors[String(name.dropFirst("weights.".count))] = tensor
    }
    // A case may replace whole groups of settings.
    for group in ["coarseMatching", "transformer"] {
      guard let text = file.metadata[group] else { continue }
      settings[group] = try JSONDecoder().decode(Setting.self, from: Data(text.utf8))
    }
    return try Matcher(settings: Settings(settings), parameters: Parameters(tensors))
  }

  /// The inputs: stored, or cut from a photo of opencv-doc, which is not ours to store.
  func images() throws -> (Tensor, Tensor) { (try image(0), try image(1)) }

  private func image(_ index: Int) throws -> Tensor {
    if let image = file.tensors["image\(index)"] { return image }
    let crop = try #require(file.integers["crop\(index)"])
    let name = try #require(file.metadata["photo\(index)"])
    let photo = try ImageReader(path: SamplePictures.path(name)).gray()
    let pixels = photo.floatPixels()
    let (x, y, width, height) = (crop[0], crop[1], crop[2], crop[3])
    return Tensor(
      [height, width],
      values: (y..<y + height).flatMap { row in
        (x..<x + width).map { pixels[row * photo.width + $0] }
      })
  }

  /// How sparsely a stage's rows and columns were stored.
  func step(of stage: String) throws -> Int {
    let name = stage.split(separator: ".")[0]
    if ["half", "quarter", "fine"].contains(name) {
      return try #require(Int(file.metadata["fine_stride"] ?? ""))
    }
    if ["normalized", "matchability", "confidence"].contains(name) || stage.hasPrefix("fine_") { return 1 }
    return try #require(Int(file.metadata["coarse_stride"] ?? ""))
  }
}

extension Tensor {
  /// Every `step`-th row and column of a map.
  func thinned(_ step: Int) -> Tensor {
    guard step > 1 else { return self }
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let rows = Array(stride(from: 0, to: height, by: step))
    let columns = Array(stride(from: 0, to: width, by: step))
    let values = values
    return Tensor(
      [rows.count, columns.count, channels],
      values: rows.flatMap { y in
        columns.flatMap { x in values[(y * width + x) * channels..<(y * width + x + 1) * channels] }
      })
  }
}

/// max |a - b| / max |b|; infinite where shapes differ or something is not a number.
func relativeError(_ ours: Tensor, _ reference: Tensor) -> Float {
  guard ours.shape == reference.shape, ours.count > 0 else { return .infinity }
  var (difference, scale) = (Float(0), Float(0))
  for (a, b) in zip(ours.values, reference.values) {
    guard a.isFinite, b.isFinite else { return .infinity }
    difference = max(difference, abs(a - b))
    scale = max(scale, abs(b))
  }
  return difference / scale
}
