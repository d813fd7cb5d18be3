// EfficientLoFTR's weights as published by its transformers port: model.safetensors of zju-community/efficientloftr.
// The authors' tensors under other names; names: transformers' models/efficientloftr.

import Tensor

enum EfficientLoFTRPort: PublishedFamily {
  static func recognize(_ inventory: TensorInventory, _ variant: WeightsVariant) -> PublishedNetwork? {
    guard inventory.has(prefix: "efficientloftr."), inventory.has(part: "local_feature_transformer.") else {
      return nil
    }
    let authors = TensorInventory(
      fileName: inventory.fileName,
      shapes: Dictionary(
        inventory.shapes.map { (authorsName($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }))
    return EfficientLoFTRFamily.network(
      authors, variant, source: "the names of the tensors, those of transformers"
    ) { name in
      renamed(authorsName(name), [("loftr_coarse.", "transformer."), ("fine_preprocess.", "backbone.")])
    }
  }

  /// The authors' name of a tensor; unknown names are kept.
  static func authorsName(_ name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let (stem, leaf) = (parts.dropLast(), parts.last ?? "")
    let scope: String?
    switch (stem.first, stem.dropFirst().first) {
    case ("efficientloftr", "backbone"): scope = blockName(Array(stem.dropFirst(2)))
    case ("efficientloftr", "local_feature_transformer"): scope = layerName(Array(stem.dropFirst(2)))
    case ("refinement_layer", _): scope = pyramidName(Array(stem.dropFirst()))
    default: scope = nil
    }
    return scope.map { "\($0).\(leaf)" } ?? name
  }

  /// stages.S.blocks.B.PART
  private static func blockName(_ parts: [String]) -> String? {
    guard parts.count >= 5, parts[0] == "stages", parts[2] == "blocks", let stage = Int(parts[1]),
      Int(parts[3]) != nil, let part = blockParts[parts[4...].joined(separator: ".")]
    else { return nil }
    // The stem is a single block, which the authors do not number.
    return stage == 0 ? "backbone.layer0.\(part)" : "backbone.layer\(stage).\(parts[3]).\(part)"
  }

  /// layers.L.self_attention|cross_attention.PART
  private static func layerName(_ parts: [String]) -> String? {
    guard parts.count >= 4, parts[0] == "layers", let layer = Int(parts[1]), (0..<128).contains(layer),
      ["self_attention", "cross_attention"].contains(parts[2]),
      let part = layerParts[parts[3...].joined(separator: ".")]
    else { return nil }
    return "loftr_coarse.layers.\(2 * layer + (parts[2] == "cross_attention" ? 1 : 0)).\(part)"
  }

  /// out_conv, or out_conv_layers.L.PART
  private static func pyramidName(_ parts: [String]) -> String? {
    if parts == ["out_conv"] { return "fine_preprocess.layer3_outconv" }
    guard parts.count == 3, parts[0] == "out_conv_layers", let level = Int(parts[1]), (0..<2).contains(level),
      let part = pyramidParts[parts[2]]
    else { return nil }
    return "fine_preprocess.layer\(2 - level)_outconv\(part)"
  }

  private static let blockParts = [
    "conv1.conv": "rbr_dense.conv", "conv1.norm": "rbr_dense.bn", "conv2.conv": "rbr_1x1.conv",
    "conv2.norm": "rbr_1x1.bn", "identity": "rbr_identity",
  ]
  private static let layerParts = [
    "aggregation.q_aggregation": "aggregate", "aggregation.norm": "norm1", "attention.q_proj": "q_proj",
    "attention.k_proj": "k_proj", "attention.v_proj": "v_proj", "attention.o_proj": "merge",
    "mlp.fc1": "mlp.0",
    "mlp.fc2": "mlp.2", "mlp.layer_norm": "norm2",
  ]
  private static let pyramidParts = [
    "out_conv1": "", "out_conv2": "2.0", "batch_norm": "2.1", "out_conv3": "2.3",
  ]
}
