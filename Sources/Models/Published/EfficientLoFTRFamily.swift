// EfficientLoFTR's weights (Wang et al. 2024) as published by the authors, eloftr_outdoor.ckpt, with RepVGG branches
// or folded. Names and settings: the authors' src/loftr and src/loftr/utils/full_config.py.
//
// Not recorded in the tensors, and the same in all published networks: 8 heads, temperature 0.1, a border of 2 cells,
// the rotary encoding's base, 832-pixel training images, threshold 0.2, the last 8 channels for the heat map with
// temperature 10.

import Tensor

/// By the authors' names.
enum EfficientLoFTRFamily: PublishedFamily {
  static func recognize(_ inventory: TensorInventory, _ variant: WeightsVariant) -> PublishedNetwork? {
    guard inventory.has(prefix: "loftr_coarse."),
      inventory.has(part: ".rbr_") || inventory.has(part: ".aggregate.")
    else { return nil }
    return network(inventory, variant, source: "the names of the tensors") { name in
      renamed(name, [("loftr_coarse.", "transformer."), ("fine_preprocess.", "backbone.")])
    }
  }

  /// `inventory` uses the authors' names.
  static func network(
    _ inventory: TensorInventory, _ variant: WeightsVariant, source: String,
    rename: @escaping @Sendable (String) -> String
  ) -> PublishedNetwork {
    let mode = variant.mode ?? .full
    return PublishedNetwork(
      architecture: "efficientloftr", description: "EfficientLoFTR in its \(mode.rawValue) mode",
      provenance: ["weights": "recognised as EfficientLoFTR by \(source)"],
      settings: settings(inventory, mode), choices: WeightsVariant.Mode.allCases.map(\.rawValue),
      rename: rename)
  }

  private static func settings(
    _ inventory: TensorInventory, _ mode: WeightsVariant.Mode
  ) -> [String: Setting] {
    let published = [(64, 2), (128, 4), (256, 14)]
    let stages = published.enumerated().map { index, stage in
      let name = "backbone.layer\(index + 1)."
      let count = inventory.count(below: name)
      let dense = inventory.extent(name + "0.rbr_dense.conv.weight", 0, published: stage.0)
      return (
        channels: inventory.extent(name + "0.rbr_reparam.weight", 0, published: dense),
        blocks: count == 0 ? stage.1 : count
      )
    }
    let layers = inventory.count(below: "loftr_coarse.layers.")
    var coarse: [String: Setting] = [
      "kind": .text(mode == .full ? "dual-softmax" : "similarity"), "temperature": .number(0.1),
      "threshold": .number(0.2), "border": .number(2),
    ]
    if mode == .full {
      coarse["scale"] = .text("temperature")
      coarse["matchability"] = .flag(false)
    }
    return [
      "backbone": .group([
        "kind": .text("repvgg-fpn"), "block": .text("repvgg-branches"),
        "channels": numbers(stages.map(\.channels)), "blocks": numbers(stages.map(\.blocks)),
        "pixelOrigin": .text("corner"),
      ]),
      "positionEncoding": .group(["kind": .text("none")]),
      "transformer": .group([
        "channels": .number(
          Double(inventory.extent("loftr_coarse.layers.0.q_proj.weight", 0, published: 256))),
        "heads": .number(8),
        "layers": alternatingLayers(layers == 0 ? 8 : layers),
        "crossUpdate": .text("sequential"),
        "attention": .group([
          "kind": .text("aggregated-softmax"),
          "aggregation": .number(
            Double(inventory.extent("loftr_coarse.layers.0.aggregate.weight", 2, published: 4))),
          "rotary": .group([
            // 832 pixels at 32 pixels per token.
            "kind": .text("interleaved"), "base": .number(10_000), "trainingTokens": .number(26),
          ]),
        ]),
      ]),
      "coarseMatching": .group(coarse),
      "fineMatching": .group([
        "kind": .text("pixel-then-heat-map"), "heatMapChannels": .number(8),
        "heatMapTemperature": .number(10),
      ]),
    ]
  }
}
