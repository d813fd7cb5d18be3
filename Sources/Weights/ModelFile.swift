import Files
import Tensor

/// A model of this project in one safetensors file: tensors, component settings and provenance.
///
/// Two metadata strings make a safetensors file a model: "format", which is "match-model/1", and "model", a JSON object
/// {"name", "architecture", "description", "license", "provenance": {topic: text}, and one group of settings per
/// component}. The groups are read as a tree; their meaning is up to the components.
package struct ModelFile: Sendable {
  /// The metadata "format" that this version reads and writes.
  package static let format = "match-model/1"

  /// The whole JSON object "model".
  package let settings: [String: Setting]
  package let name: String
  /// The network family, such as `compact` or `loftr`.
  package let architecture: String
  /// One sentence, or empty.
  package let description: String
  /// SPDX name of the weights' licence, or empty.
  package let license: String
  /// How and from what data the model was trained, by topic.
  package let provenance: [String: String]
  /// By full name, in float32, without counters of training steps.
  package let tensors: [String: Tensor]
  /// Learnt values: elements of all tensors but batch norm's running statistics.
  package let parameterCount: Int
  /// SHA-256 of the whole file, lower-case hexadecimal.
  package var sha256: String { digest.value }
  private let digest: FileDigest
  /// Size of the whole file.
  package let byteCount: Int

  /// Reads a model file in memory. `bytes` are not kept unless `isPermanent`, that is, valid while the program runs, as
  /// an embedded model is. `source` is the name in error messages.
  package init(
    bytes: UnsafeRawBufferPointer, isPermanent: Bool = false, source: String
  ) throws(WeightsError) {
    let file = try SafetensorsFile(bytes: bytes, source: source)
    let description = try Self.description(file.metadata, source)
    try self.init(
      settings: description, tensors: file.tensors,
      digest: isPermanent ? FileDigest(ofPermanent: bytes) : FileDigest(SHA256.hexadecimal(of: bytes)),
      byteCount: bytes.count, source: source)
    // PyTorch counts the batches of each batch norm; no network's output depends on that.
    for (name, type) in file.integerTypes.sorted(by: { $0.key < $1.key })
    where !(name.hasSuffix(".num_batches_tracked") && type == ElementType.int64.rawValue) {
      throw .unsupportedType(source: source, tensor: name, type: type)
    }
  }

  /// A model with known settings and tensors, such as recognised third-party weights. `sha256` (lower-case hexadecimal)
  /// and `byteCount` are of the original file. Throws `WeightsError.modelDescription` if a string is missing.
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

  /// Also throws if the file is missing, a directory, not a regular file, or over 1 GB.
  package init(path: String) throws(WeightsError) { try self.init(WeightsFile(path: path)) }

  /// Reads a model from an open file. Also throws for weights without this project's description.
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

  /// The bytes of a model file with tensors in F32; equal content gives equal bytes. `settings` is the JSON object
  /// "model". Throws `WeightsError.notFinite` if a setting or an element could not be read back.
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
      // Hugging Face's libraries write their framework's name here.
      if ["pt", "tf", "flax", "np", "mlx"].contains(format) { throw .noModelDescription(source: source) }
      throw .unknownFormat(source: source, format: format)
    }
    guard let text = metadata["model"] else { throw .noModelDescription(source: source) }
    let result = Array(text.utf8).withUnsafeBytes { bytes in
      Result { () throws(JSONError) in try JSONReader.read(bytes) }
    }
    do {
      guard case .group(let group) = try result.get() else {
        throw WeightsError.modelNotJSON(source: source, problem: "not an object")
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
