// A model of this project in one safetensors file: tensors, settings of every component, and where it came from.
//
// Two metadata texts make a safetensors file a model: "format", which is "match-model/1", and "model", a JSON
// object {"name", "architecture", "description", "license", "provenance": {text: text}, and one group of settings
// for each component}. This module reads the groups as a tree; what they mean is the components' concern.

import Files
import Tensor

/// A model as its file states it.
package struct ModelFile: Sendable {
  /// The value of the metadata "format" that this version reads and writes.
  package static let format = "match-model/1"

  /// The whole JSON object "model": name, texts and the components' groups.
  package let settings: [String: Setting]
  /// The model's short name.
  package let name: String
  /// The family of networks that it belongs to, as in `compact` or `loftr`.
  package let architecture: String
  /// What it is, in a sentence; empty where the file does not say.
  package let description: String
  /// Licence of the weights, an SPDX name; empty where the file does not say.
  package let license: String
  /// How and from what data it was trained, by topic.
  package let provenance: [String: String]
  /// The tensors by full name, in float32. Counters of training steps are left out.
  package let tensors: [String: Tensor]
  /// Number of learnt values: all tensors' elements but batch norm's running statistics.
  package let parameterCount: Int
  /// SHA-256 of the whole file, in lower-case hexadecimal.
  package var sha256: String { digest.value }
  private let digest: FileDigest
  /// Size of the whole file.
  package let byteCount: Int

  /// Reads a model that lies in memory, as an embedded one does.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; not kept unless it is permanent.
  ///   - isPermanent: whether the bytes stay where they are for as long as the program runs, as its own do.
  ///   - source: its name in error messages.
  /// - Throws: `WeightsError`.
  package init(
    bytes: UnsafeRawBufferPointer, isPermanent: Bool = false, source: String
  ) throws(WeightsError) {
    let file = try SafetensorsFile(bytes: bytes, source: source)
    // PyTorch counts batches beside each batch norm; no network's output depends on it.
    let description = try Self.description(file.metadata, source)
    try self.init(
      settings: description, tensors: file.tensors,
      digest: isPermanent ? FileDigest(ofPermanent: bytes) : FileDigest(SHA256.hexadecimal(of: bytes)),
      byteCount: bytes.count, source: source)
    for (name, type) in file.integerTypes.sorted(by: { $0.key < $1.key })
    where !(name.hasSuffix(".num_batches_tracked") && type == ElementType.int64.rawValue) {
      throw .unsupportedType(source: source, tensor: name, type: type)
    }
  }

  /// A model whose settings and tensors are known, as after a foreign file was recognised.
  ///
  /// - Parameters:
  ///   - settings: the JSON object "model" (see the head of this file).
  ///   - tensors: by full name.
  ///   - sha256: of the file that they come from, in lower-case hexadecimal.
  ///   - byteCount: of that file.
  ///   - source: its name in error messages.
  /// - Throws: `WeightsError.modelDescription` where a text is missing.
  package init(
    settings: [String: Setting], tensors: [String: Tensor], sha256: String, byteCount: Int, source: String
  ) throws(WeightsError) {
    try self.init(
      settings: settings, tensors: tensors, digest: FileDigest(sha256), byteCount: byteCount, source: source)
  }

  private init(
    settings: [String: Setting], tensors: [String: Tensor], digest: FileDigest, byteCount: Int, source: String
  ) throws(WeightsError) {
    let texts = Settings(settings)
    do {
      name = try texts.text("name")
      architecture = try texts.text("architecture")
      description = try texts.values["description"] == nil ? "" : texts.text("description")
      license = try texts.values["license"] == nil ? "" : texts.text("license")
      let provenance = try texts.optionalGroup("provenance")
      self.provenance = try Dictionary(
        uniqueKeysWithValues: (provenance?.values.keys.sorted() ?? []).map {
          ($0, try provenance?.text($0) ?? "")
        })
    } catch let error as SettingsError {
      throw WeightsError.modelDescription(source: source, problem: error)
    } catch {
      throw WeightsError.modelNotJSON(source: source, problem: "\(error)")
    }
    self.settings = settings
    self.tensors = tensors
    parameterCount = tensors.reduce(0) { sum, entry in
      entry.key.hasSuffix(".running_mean") || entry.key.hasSuffix(".running_var")
        ? sum : sum + entry.value.count
    }
    self.digest = digest
    self.byteCount = byteCount
  }

  /// Reads a model from disk.
  /// Throws `WeightsError`, also where the file is missing, a directory, no regular file, or over 1 GB.
  package init(path: String) throws(WeightsError) { try self.init(WeightsFile(path: path)) }

  /// Reads a model from an open file.
  /// Throws `WeightsError`, also where the file holds weights without this project's description.
  package init(_ file: WeightsFile) throws(WeightsError) {
    guard file.container == .safetensors else { throw .pyTorchCheckpoint(source: file.source) }
    let description = try Self.description(file.metadata, file.source)
    let integers = file.entries.filter { !$0.isFloatingPoint && !$0.isBatchCount }
    if let first = integers.min(by: { $0.name < $1.name }) {
      throw .unsupportedType(source: file.source, tensor: first.name, type: first.type)
    }
    try self.init(
      settings: description, tensors: file.tensors(), sha256: file.sha256(), byteCount: file.byteCount,
      source: file.source)
  }

  /// The bytes of a model file; equal content gives equal bytes.
  ///
  /// - Parameters:
  ///   - settings: the JSON object "model" (see the head of this file).
  ///   - tensors: by full name; written as F32.
  /// - Throws: `WeightsError.notFinite` if a setting or an element could not be read back.
  package static func bytes(
    settings: [String: Setting], tensors: [String: Tensor]
  ) throws(WeightsError) -> [UInt8] {
    let model = Setting.group(settings)
    guard model.hasOnlyFiniteNumbers else {
      throw .notFinite(source: "model to be written", tensor: "settings")
    }
    return try SafetensorsFile.bytes(tensors: tensors, metadata: ["format": format, "model": model.json])
  }

  private static func description(
    _ metadata: [String: String], _ source: String
  ) throws(WeightsError) -> [String: Setting] {
    guard let format = metadata["format"] else { throw .noModelDescription(source: source) }
    guard format == Self.format else {
      // Hugging Face's libraries write the name of their framework here.
      if ["pt", "tf", "flax", "np", "mlx"].contains(format) { throw .noModelDescription(source: source) }
      throw .unknownFormat(source: source, format: format)
    }
    guard let text = metadata["model"] else { throw .noModelDescription(source: source) }
    let result = Array(text.utf8).withUnsafeBytes { bytes in
      Result { () throws(JSONError) in try JSONReader.read(bytes) }
    }
    do {
      guard case .group(let group) = try result.get() else {
        throw WeightsError.modelNotJSON(source: source, problem: "no object")
      }
      return group
    } catch let error as WeightsError {
      throw error
    } catch JSONError.duplicate(let name) {
      throw .duplicateName(source: source, name: name)
    } catch JSONError.syntax(let offset, let problem) {
      throw .modelNotJSON(source: source, problem: "\(problem) at byte \(offset)")
    } catch {
      throw .modelNotJSON(source: source, problem: "it has too many values or levels")
    }
  }
}
