// Third-party weights are recognised by their tensors: the names and shapes that the published networks have
// (fixtures/published, made by training/goldens/published_names.py from the networks themselves).

import Foundation
import Matching
import Tensor
import Testing

@testable import Models

/// The names and shapes of a published network's tensors.
private func published(_ name: String) throws -> [String: [Int]] {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let text = try String(
    contentsOf: root.appending(path: "fixtures/published/\(name).txt"), encoding: .utf8)
  var shapes: [String: [Int]] = [:]
  for line in text.split(separator: "\n") {
    let parts = line.split(separator: " ")
    shapes[String(parts[0])] = parts[1] == "-" ? [] : parts[1].split(separator: "x").compactMap { Int($0) }
  }
  return shapes
}

/// The network that these tensors make up, built with zeros.
@discardableResult
private func build(
  _ shapes: [String: [Int]], file: String = "weights.ckpt", _ variant: WeightsVariant = WeightsVariant()
) throws -> Matcher {
  let network = try TensorInventory(fileName: file, shapes: shapes).network(variant, source: file)
  let tensors = shapes.map { (network.rename($0.key), Tensor($0.value, repeating: 0)) }
  return try Matcher(
    settings: Settings(network.settings),
    parameters: Parameters(Dictionary(tensors, uniquingKeysWith: { first, _ in first })))
}

private func settings(
  _ shapes: [String: [Int]], file: String, _ variant: WeightsVariant = WeightsVariant()
) throws -> Settings {
  Settings(try TensorInventory(fileName: file, shapes: shapes).network(variant, source: file).settings)
}

@Suite struct PublishedNetworkTests {
  private static let loftr = ["loftr", "loftr-transport"]
  private static let efficient = [
    "efficientloftr", "efficientloftr-folded", "efficientloftr-transformers",
  ]

  /// Each list makes up the network: none missing, none left over, all of the right shape.
  @Test(arguments: loftr + efficient)
  func everyTensorIsUsed(_ name: String) throws {
    let shapes = try published(name)
    #expect(shapes.count > 100)
    let matcher = try build(shapes)
    #expect(matcher.transformer.depth == 8)
    #expect(matcher.transformer.channels == 256)
    #expect(matcher.sideMultiple == (name.hasPrefix("loftr") ? 1 : 32))
    #expect(matcher.coarseMatcher is OptimalTransportMatcher == (name == "loftr-transport"))
  }

  @Test(arguments: loftr + efficient)
  func missingAndExtraTensorsAreNamed(_ name: String) throws {
    var shapes = try published(name)
    let gone = try #require(
      shapes.keys.sorted().last { $0.hasSuffix("conv.weight") || $0.hasSuffix("proj.weight") })
    shapes[gone] = nil
    shapes["surplus.weight"] = [1]
    do {
      try build(shapes)
      Issue.record("the network was built without \(gone)")
    } catch ParametersError.mismatch(let missing, let unused, _) {
      #expect(missing.count == 1)
      #expect(unused == ["surplus.weight"])
    }
  }

  /// The port's names stand for the authors', one for one.
  @Test func namesOfTransformers() throws {
    let port = try published("efficientloftr-transformers")
    let authors = try published("efficientloftr")
    let renamed = Dictionary(
      uniqueKeysWithValues: port.map { (EfficientLoFTRPort.authorsName($0.key), $0.value) })
    #expect(renamed == authors)
    for name in [
      "efficientloftr.backbone.stages.x.blocks.0.conv1.conv.weight", "refinement_layer.weight", "a",
    ] {
      #expect(EfficientLoFTRPort.authorsName(name) == name)
    }
  }

  /// The position encoding shows in no tensor: the file's name decides, and a choice overrides it.
  @Test func positionEncoding() throws {
    let shapes = try published("loftr")
    func corrected(_ file: String, _ choice: String? = nil) throws -> Bool {
      let variant = try choice.map { try WeightsVariant(parsing: $0) } ?? WeightsVariant()
      return try settings(shapes, file: file, variant).group("positionEncoding").flag("corrected")
    }
    for file in ["outdoor_ds.ckpt", "indoor_ot.ckpt", "loftr_outdoor.ckpt", "loftr_indoor.ckpt"] {
      #expect(try !corrected(file))
      #expect(try corrected(file, "corrected"))
    }
    for file in ["indoor_ds_new.ckpt", "loftr_indoor_ds_new.ckpt"] {
      #expect(try corrected(file))
      #expect(try !corrected(file, "original"))
    }
  }

  @Test func modesOfEfficientLoFTR() throws {
    let shapes = try published("efficientloftr")
    let full = try settings(shapes, file: "eloftr_outdoor.ckpt").group("coarseMatching")
    #expect(try full.text("kind") == "dual-softmax")
    let optimized = try settings(shapes, file: "eloftr_outdoor.ckpt", WeightsVariant(parsing: "optimized"))
    #expect(try optimized.group("coarseMatching").text("kind") == "similarity")
    try build(shapes, WeightsVariant(parsing: "optimized"))
  }

  @Test func choicesThatAreNone() {
    for text in ["fast", "full,optimized", "corrected,", ""] {
      #expect(throws: ModelError.unknownVariant(text: text, known: WeightsVariant.names)) {
        try WeightsVariant(parsing: text)
      }
    }
    #expect((try? WeightsVariant(parsing: "corrected,optimized"))?.chosen == ["corrected", "optimized"])
  }

  /// Training gave cell i the point 8 i, counted from the corner of the first pixel; ours counts from its centre.
  @Test(arguments: ["loftr", "efficientloftr"])
  func cellsStandForPointsCountedFromTheCorner(_ name: String) throws {
    let grid = try build(try published(name)).backbone.coarseGrid
    #expect(grid.position(0) == -0.5)
    #expect(grid.position(10) == 79.5)
    // Which cells lie on an image is not moved by that: those whose first pixel does.
    #expect([8, 9, 640, 641].map(grid.elements(within:)) == [1, 2, 80, 81])
  }

  @Test func otherNetworksAreNamed() {
    let others: [(String, [String])] = [
      ("SuperPoint", ["conv1a.weight", "convPa.weight", "convDa.weight"]),
      ("SuperGlue", ["kenc.encoder.0.weight", "gnn.layers.0.attn.merge.weight", "bin_score"]),
      (
        "LightGlue",
        ["posenc.Wr.weight", "transformers.0.self_attn.Wqkv.weight", "log_assignment.0.final_proj.weight"]
      ),
      ("DISK", ["unet.path_down.0.weight", "unet.path_up.0.weight"]),
      ("XFeat", ["block_fusion.0.weight", "heatmap_head.0.weight"]),
      ("ResNet", ["conv1.weight", "layer4.1.conv2.weight", "fc.weight"]),
    ]
    for (expected, names) in others {
      do {
        try build(Dictionary(uniqueKeysWithValues: names.map { ($0, [1]) }))
        Issue.record("\(expected) was taken for a matcher")
      } catch {
        #expect("\(error)".contains(expected))
        #expect("\(error)".contains("not a matcher this program supports"))
      }
    }
    #expect(throws: ModelError.self) { try build(["some.weight": [3]]) }
  }
}
