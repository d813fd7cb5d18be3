// Recognition of third-party weights: tensor names tell the network, shapes its size. A new family is one file that
// conforms to `PublishedFamily` and one line in `publishedFamilies`.

import Tensor
import Weights

/// In the order they are tried.
let publishedFamilies: [any PublishedFamily.Type] = [
  EfficientLoFTRPort.self,
  EfficientLoFTRFamily.self,
  LoFTRFamily.self,
]

protocol PublishedFamily: Sendable {
  /// The network of these tensors, or nil if the names are another family's. Missing tensors are found later, when the
  /// network is built.
  static func recognize(_ inventory: TensorInventory, _ variant: WeightsVariant) -> PublishedNetwork?
}

/// A recognised network, in the terms of this project's model files.
struct PublishedNetwork {
  /// For instance `loftr`.
  let architecture: String
  /// One sentence.
  let description: String
  /// Source of the names, and assumptions the file does not record.
  let provenance: [String: String]
  let settings: [String: Setting]
  /// The choices of a variant that apply.
  let choices: [String]
  /// Maps a tensor's name in this file to that in a model file.
  let rename: @Sendable (String) -> String

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

  /// File name without folders and extension.
  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }
}

extension TensorInventory {
  /// - Throws: `ModelError.notAMatcher`, saying what it is if recognised.
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

func numbers(_ values: [Int]) -> Setting { .list(values.map { .number(Double($0)) }) }

/// Alternating self- and cross-attention, as in all published networks.
func alternatingLayers(_ count: Int) -> Setting {
  .list((0..<count).map { .text($0 % 2 == 0 ? "self" : "cross") })
}
