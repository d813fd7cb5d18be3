// LoFTR's weights (Sun et al. 2021) as published by the authors and kornia: outdoor_ds.ckpt, outdoor_ot.ckpt,
// indoor_ds_new.ckpt, indoor_ot.ckpt, loftr_outdoor.ckpt and others. Names and settings: the authors' src/loftr and
// src/config/default.py, kornia's feature/loftr/loftr.py.
//
// Not recorded in the tensors, and the same in all published networks: 8 heads, windows of 5x5, linear attention,
// temperature 0.1, three Sinkhorn iterations without prefilter, a border of 2 cells, threshold 0.2. Not recorded, but
// different: the position encoding. Only indoor_ds_new (kornia's loftr_indoor_ds_new) has the corrected one.

import Tensor

/// With dual-softmax or optimal transport.
enum LoFTRFamily: PublishedFamily {
  static func recognize(_ inventory: TensorInventory, _ variant: WeightsVariant) -> PublishedNetwork? {
    guard inventory.has(prefix: "loftr_coarse.") else { return nil }
    let transport = inventory.shapes["coarse_matching.bin_score"] != nil
    let byName: WeightsVariant.PositionEncoding =
      inventory.fileName.contains("ds_new") ? .corrected : .original
    let encoding = variant.positionEncoding ?? byName
    var provenance = ["weights": "recognised as LoFTR by the names of the tensors"]
    if variant.positionEncoding == nil {
      provenance["assumed"] =
        "the \(encoding.rawValue) position encoding, by the file's name (see --variant)"
    }
    return PublishedNetwork(
      architecture: "loftr",
      description: "LoFTR with \(transport ? "optimal transport" : "dual-softmax")", provenance: provenance,
      settings: settings(inventory, transport: transport, encoding),
      choices: WeightsVariant.PositionEncoding.allCases.map(\.rawValue)
    ) { name in
      renamed(name, loftrNames)
    }
  }

  private static func settings(
    _ inventory: TensorInventory, transport: Bool, _ encoding: WeightsVariant.PositionEncoding
  ) -> [String: Setting] {
    func transformer(_ prefix: String, channels: Int, layers: Int) -> Setting {
      let count = inventory.count(below: "\(prefix).layers.")
      return .group([
        "channels": .number(
          Double(inventory.extent("\(prefix).layers.0.q_proj.weight", 0, published: channels))),
        "heads": .number(8),
        "layers": alternatingLayers(count == 0 ? layers : count),
        "crossUpdate": .text("sequential"),
        "attention": .group(["kind": .text("linear")]),
      ])
    }
    var coarse: [String: Setting] = ["threshold": .number(0.2), "border": .number(2)]
    if transport {
      coarse["kind"] = .text("optimal-transport")
      coarse["iterations"] = .number(3)
      coarse["prefilter"] = .flag(false)
    } else {
      coarse["kind"] = .text("dual-softmax")
      coarse["scale"] = .text("temperature")
      coarse["temperature"] = .number(0.1)
      coarse["matchability"] = .flag(false)
    }
    let channels = [("layer1", 128), ("layer2", 196), ("layer3", 256)].map { name, published in
      inventory.extent("backbone.\(name).0.conv1.weight", 0, published: published)
    }
    return [
      "backbone": .group([
        "kind": .text("resnet-fpn"), "block": .text("basic"),
        "initialChannels": .number(Double(inventory.extent("backbone.conv1.weight", 0, published: 128))),
        "channels": numbers(channels), "pixelOrigin": .text("corner"),
      ]),
      "positionEncoding": .group([
        "kind": .text("sinusoidal"), "corrected": .flag(encoding == .corrected),
      ]),
      "transformer": transformer("loftr_coarse", channels: 256, layers: 8),
      "coarseMatching": .group(coarse),
      "fineMatching": .group([
        "kind": .text("expectation"), "window": .number(5),
        "concatenateCoarse": .flag(true),
        "transformer": transformer("loftr_fine", channels: 128, layers: 2),
      ]),
    ]
  }

  /// Name prefixes: the authors', and this project's.
  private static let loftrNames = [
    ("loftr_coarse.", "transformer."),
    ("fine_preprocess.down_proj.", "fine_matching.coarse_proj."),
    ("fine_preprocess.merge_feat.", "fine_matching.merge."),
    ("loftr_fine.", "fine_matching.transformer."),
  ]
}

/// `name` with the first matching prefix replaced.
func renamed(_ name: String, _ beginnings: [(String, String)]) -> String {
  guard let (old, new) = beginnings.first(where: { name.hasPrefix($0.0) }) else { return name }
  return new + name.dropFirst(old.count)
}
