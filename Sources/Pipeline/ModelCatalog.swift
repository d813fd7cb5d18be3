// The models that are at hand: those inside the binary by name, any other from a file.

import CModels
import Matching
import Tensor
import Weights

/// A model file and the matcher built from it.
public struct Model: Sendable {
  /// Settings, provenance and tensors.
  public let file: ModelFile
  /// The network.
  public let matcher: Matcher

  /// Builds the matcher that the file describes.
  ///
  /// - Throws: `PipelineError.modelDoesNotFit` if the settings make no model or the tensors are not its own.
  public init(_ file: ModelFile, source: String) throws {
    self.file = file
    do {
      matcher = try Matcher(settings: Settings(file.settings), parameters: Parameters(file.tensors))
    } catch let error as SettingsError {
      throw PipelineError.modelDoesNotFit(source: source, reason: error.description)
    } catch let error as ParametersError {
      throw PipelineError.modelDoesNotFit(source: source, reason: error.description)
    }
  }
}

/// Finds models by name or path.
public enum ModelCatalog {
  /// Names of the models inside the binary, the default one first.
  public static var names: [String] { embedded.map(\.name) }

  /// The model that is used where none is named.
  public static let defaultName = "compact"

  /// The embedded file of that name.
  public static func file(named name: String) throws -> ModelFile {
    guard let entry = embedded.first(where: { $0.name == name }) else {
      throw PipelineError.unknownModel(name: name, known: names)
    }
    return try ModelFile(bytes: entry.bytes, source: source(named: name))
  }

  /// The embedded model of that name.
  public static func model(named name: String) throws -> Model {
    try Model(try file(named: name), source: source(named: name))
  }

  /// The model in a file.
  public static func model(at path: String) throws -> Model {
    try Model(try ModelFile(path: path), source: path)
  }

  /// The embedded model of that name if there is one, else the model in the file of that path.
  public static func model(namedOrAt nameOrPath: String) throws -> Model {
    names.contains(nameOrPath) ? try model(named: nameOrPath) : try model(at: nameOrPath)
  }

  private static func source(named name: String) -> String { "embedded model '\(name)'" }

  private static var embedded: [(name: String, bytes: UnsafeRawBufferPointer)] {
    (0..<cmodels_count()).map { index in
      let file = cmodels_at(index)
      return (String(cString: file.name), UnsafeRawBufferPointer(start: file.bytes, count: file.count))
    }
  }
}
