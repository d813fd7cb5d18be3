// The models that are at hand: those inside the binary by name, any other from a file.

import CModels
import Matching
import Tensor
import Weights

/// A model file and the matcher built from it.
package struct Model: Sendable {
  /// Settings, provenance and tensors.
  package let file: ModelFile
  /// The network.
  package let matcher: Matcher

  /// Builds the matcher that the file describes.
  ///
  /// - Throws: `ModelError.modelDoesNotFit` if the settings make no model or the tensors are not its own.
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

  /// The reason, after what foreign weights were taken for.
  private static func reason(_ text: String, _ file: ModelFile) -> String {
    file.provenance["weights"].map { "\($0), but \(text)" } ?? text
  }
}

/// Where a model comes from.
package enum ModelSource: Equatable, Sendable {
  /// A model inside the program, by name.
  case embedded(String)
  /// A weights file, and what third-party weights do not say of themselves.
  case file(String, WeightsVariant)

  /// The file at `path` if there is one, else the embedded model of that name, by default the default one.
  package init(named name: String?, orAt path: String?, variant: WeightsVariant = WeightsVariant()) {
    self = path.map { .file($0, variant) } ?? .embedded(name ?? ModelCatalog.defaultName)
  }

  /// Reads and builds the model.
  ///
  /// - Throws: `WeightsError`, `ModelError`.
  package func load() throws -> Model {
    switch self {
    case .embedded(let name): try ModelCatalog.model(named: name)
    case .file(let path, let variant): try ModelCatalog.model(at: path, variant: variant)
    }
  }
}

/// Finds models by name or path.
package enum ModelCatalog {
  /// Names of the models inside the binary, the default one first.
  package static var names: [String] { embedded.map(\.name) }

  /// The model that is used where none is named.
  package static let defaultName = "compact"

  /// The embedded file of that name.
  package static func file(named name: String) throws -> ModelFile {
    guard let entry = embedded.first(where: { $0.name == name }) else {
      throw ModelError.unknownModel(name: name, known: names)
    }
    return try ModelFile(bytes: entry.bytes, isPermanent: true, source: source(named: name))
  }

  /// The embedded model of that name.
  package static func model(named name: String) throws -> Model {
    try Model(try file(named: name), source: source(named: name))
  }

  /// The model in a file: one of this project, or foreign weights that are recognised by their tensors' names.
  ///
  /// - Parameter variant: what a foreign file does not say of itself.
  /// - Throws: `WeightsError`; `ModelError.notAMatcher` for the weights of another network;
  ///   `ModelError.variantDoesNotApply`.
  package static func file(at path: String, variant: WeightsVariant = WeightsVariant()) throws -> ModelFile {
    let weights = try WeightsFile(path: path)
    // Libraries of safetensors write the name of their framework here.
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

  /// The model in a file; see `file(at:variant:)`.
  package static func model(at path: String, variant: WeightsVariant = WeightsVariant()) throws -> Model {
    try Model(try file(at: path, variant: variant), source: path)
  }

  /// The embedded file of that name if there is one, else the file of that path; see `file(at:variant:)`.
  package static func file(
    namedOrAt nameOrPath: String, variant: WeightsVariant = WeightsVariant()
  ) throws -> ModelFile {
    names.contains(nameOrPath) && variant.chosen.isEmpty
      ? try file(named: nameOrPath) : try file(at: nameOrPath, variant: variant)
  }

  /// The embedded model of that name if there is one, else the model in the file of that path.
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
