// Models by name, from inside the binary, or from a file.

import CModels
import Matching
import Tensor
import Weights

/// A model file and its matcher.
package struct Model: Sendable {
  package let file: ModelFile
  package let matcher: Matcher

  /// - Throws: `ModelError.modelDoesNotFit` if the settings are invalid or the tensors do not fit them.
  package init(_ file: ModelFile, source: String) throws {
    self.file = file
    do {
      matcher = try Matcher(settings: Settings(file.settings), parameters: Parameters(file.tensors))
    } catch let error as SettingsError {
      throw ModelError.modelDoesNotFit(source: source, reason: Self.reason(error.description, file))
    } catch let error as ParametersError {
      throw ModelError.modelDoesNotFit(source: source, reason: Self.reason(error.description, file))
    }
  }

  /// The reason, with what third-party weights were recognised as.
  private static func reason(_ text: String, _ file: ModelFile) -> String {
    file.provenance["weights"].map { "\($0), but \(text)" } ?? text
  }
}

package enum ModelSource: Equatable, Sendable {
  case embedded(String)
  /// A weights file, with the choices that third-party weights do not record.
  case file(String, WeightsVariant)

  /// The file at `path` if given, else the embedded model of that name, else the default.
  package init(named name: String?, orAt path: String?, variant: WeightsVariant = WeightsVariant()) {
    self = path.map { .file($0, variant) } ?? .embedded(name ?? ModelCatalog.defaultName)
  }

  /// - Throws: `WeightsError`, `ModelError`.
  package func load() throws -> Model {
    switch self {
    case .embedded(let name): try ModelCatalog.model(named: name)
    case .file(let path, let variant): try ModelCatalog.model(at: path, variant: variant)
    }
  }
}

package enum ModelCatalog {
  /// Embedded models, the default first.
  package static var names: [String] { embedded.map(\.name) }

  package static let defaultName = "compact"

  package static func file(named name: String) throws -> ModelFile {
    guard let entry = embedded.first(where: { $0.name == name }) else {
      throw ModelError.unknownModel(name: name, known: names)
    }
    return try ModelFile(bytes: entry.bytes, isPermanent: true, source: source(named: name))
  }

  package static func model(named name: String) throws -> Model {
    try Model(try file(named: name), source: source(named: name))
  }

  /// A model file of this project, or third-party weights recognised by their tensor names.
  ///
  /// - Throws: `WeightsError`, `ModelError.notAMatcher` (another network's weights), `.variantDoesNotApply`.
  package static func file(at path: String, variant: WeightsVariant = WeightsVariant()) throws -> ModelFile {
    let weights = try WeightsFile(path: path)
    // Safetensors libraries put their framework's name here.
    let format = weights.metadata["format"] ?? "pt"
    if weights.container == .pyTorch || ["pt", "tf", "flax", "np", "mlx"].contains(format) {
      let network = try TensorInventory(weights).network(variant, source: path)
      return try network.file(from: weights, variant: variant)
    }
    if let choice = variant.chosen.first {
      throw ModelError.variantDoesNotApply(source: path, variant: choice, architecture: "", known: [])
    }
    return try ModelFile(weights)
  }

  package static func model(at path: String, variant: WeightsVariant = WeightsVariant()) throws -> Model {
    try Model(try file(at: path, variant: variant), source: path)
  }

  /// An embedded file by name, else a file by path; see `file(at:variant:)`.
  package static func file(
    namedOrAt nameOrPath: String, variant: WeightsVariant = WeightsVariant()
  ) throws -> ModelFile {
    names.contains(nameOrPath) && variant.chosen.isEmpty
      ? try file(named: nameOrPath) : try file(at: nameOrPath, variant: variant)
  }

  package static func model(
    namedOrAt nameOrPath: String, variant: WeightsVariant = WeightsVariant()
  ) throws -> Model {
    let file = try file(namedOrAt: nameOrPath, variant: variant)
    return try Model(file, source: names.contains(nameOrPath) ? source(named: nameOrPath) : nameOrPath)
  }

  private static func source(named name: String) -> String { "embedded model '\(name)'" }

  private static var embedded: [(name: String, bytes: UnsafeRawBufferPointer)] {
    (0..<cmodels_count()).map { index in
      let file = cmodels_at(index)
      return (String(cString: file.name), UnsafeRawBufferPointer(start: file.bytes, count: file.count))
    }
  }
}
