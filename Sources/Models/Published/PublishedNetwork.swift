// Recognition of foreign weights files: their tensors' names say which network they belong to, their shapes how large
// it is. A further family is one file that conforms to `PublishedFamily` and one line in `publishedFamilies`.

import Tensor
import Weights

/// The families that are recognised, in the order in which they are tried.
let publishedFamilies: [any PublishedFamily.Type] = [
  EfficientLoFTRPort.self,
  EfficientLoFTRFamily.self,
  LoFTRFamily.self,
]

/// A family of networks whose weights others publish.
protocol PublishedFamily: Sendable {
  /// The network that such tensors make up, or nil if their names are another family's. Tensors may be missing: that
  /// is found when the network is built.
  static func recognize(_ inventory: TensorInventory, _ variant: WeightsVariant) -> PublishedNetwork?
}

/// A recognised network, in the terms of this project's model files.
struct PublishedNetwork {
  /// As in `loftr`.
  let architecture: String
  /// What it is, in a sentence.
  let description: String
  /// Where the names come from, and what is assumed that the file does not say.
  let provenance: [String: String]
  /// The groups of settings.
  let settings: [String: Setting]
  /// Which choices of a variant apply to it.
  let choices: [String]
  /// The name in a model file of a tensor of this file.
  let rename: @Sendable (String) -> String

  /// The model file that holds it.
  ///
  /// - Throws: `ModelError.variantDoesNotApply`, `WeightsError`.
  func file(from weights: WeightsFile, variant: WeightsVariant) throws -> ModelFile {
    if let choice = variant.chosen.first(where: { !choices.contains($0) }) {
      throw ModelError.variantDoesNotApply(
        source: weights.source, variant: choice, architecture: architecture, known: choices)
    }
    var settings = settings
    settings["name"] = .text(Self.stem(weights.source))
    settings["architecture"] = .text(architecture)
    settings["description"] = .text(description)
    var provenance = provenance
    provenance["container"] = weights.containerDescription
    settings["provenance"] = .group(provenance.mapValues { .text($0) })
    let tensors = try weights.tensors()
    return try ModelFile(
      settings: settings,
      tensors: Dictionary(
        tensors.map { (rename($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }),
      sha256: weights.sha256(), byteCount: weights.byteCount, source: weights.source)
  }

  /// The file's name without folders and extension.
  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }
}

extension TensorInventory {
  /// The network that these tensors make up.
  ///
  /// - Throws: `ModelError.notAMatcher`, which names what it is where that is known.
  func network(_ variant: WeightsVariant, source: String) throws -> PublishedNetwork {
    for family in publishedFamilies {
      if let network = family.recognize(self, variant) { return network }
    }
    throw ModelError.notAMatcher(
      source: source, what: otherArchitecture.map { "holds the weights of \($0)" } ?? anonymous)
  }

  private var anonymous: String {
    let names = shapes.keys.sorted().prefix(3).map { String($0.prefix(60)) }.joined(separator: ", ")
    return "holds \(shapes.count) tensors (\(names)\(shapes.count > 3 ? ", ..." : ""))"
  }
}

/// The setting of a list of whole numbers.
func numbers(_ values: [Int]) -> Setting { .list(values.map { .number(Double($0)) }) }

/// The setting of `count` layers, self- and cross-attention in turn, as all published networks have them.
func alternatingLayers(_ count: Int) -> Setting {
  .list((0..<count).map { .text($0 % 2 == 0 ? "self" : "cross") })
}
