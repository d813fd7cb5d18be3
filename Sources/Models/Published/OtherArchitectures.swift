// Related networks that are not supported, so that an error can say what their weights are. Names: the state
// dictionaries of their published code.

private struct OtherArchitecture {
  /// With an article.
  let name: String
  /// Parts of tensor names that must all occur; "^" anchors at the start.
  let parts: [String]

  init(_ name: String, _ parts: String...) {
    self.name = name
    self.parts = parts
  }

  func matches(_ names: [String]) -> Bool {
    parts.allSatisfy { part in
      part.hasPrefix("^")
        ? names.contains { $0.hasPrefix(part.dropFirst()) } : names.contains { $0.contains(part) }
    }
  }
}

private let otherArchitectures = [
  OtherArchitecture("SuperPoint, a keypoint detector", "convPa.weight", "convDa.weight"),
  OtherArchitecture("SuperPoint, a keypoint detector", "keypoint_decoder.", "descriptor_decoder."),
  OtherArchitecture("SuperGlue, which matches keypoints of a detector", "kenc.encoder.", "gnn.layers."),
  OtherArchitecture("SuperGlue, which matches keypoints of a detector", "keypoint_encoder.", "gnn."),
  OtherArchitecture(
    "LightGlue, which matches keypoints of a detector", "posenc.Wr.weight", "log_assignment."),
  OtherArchitecture(
    "LightGlue, which matches keypoints of a detector", "^positional_encoder.", "match_assignment_layers."),
  OtherArchitecture("DISK, a keypoint detector", "unet.path_down.", "unet.path_up."),
  OtherArchitecture("XFeat, a keypoint detector", "heatmap_head.", "block_fusion."),
  OtherArchitecture("ALIKED, a keypoint detector", "desc_head.", "score_head."),
  OtherArchitecture("D2-Net, a keypoint detector", "^dense_feature_extraction."),
  OtherArchitecture("DKM or RoMa, dense matchers", "embedding_decoder."),
  OtherArchitecture("DKM or RoMa, dense matchers", "decoder.conv_refiner."),
  OtherArchitecture("MatchFormer, another matcher", "backbone.AttentionBlock1."),
  OtherArchitecture("DUSt3R or MASt3R, which reconstruct from pairs", "dec_blocks.", "downstream_head1."),
  OtherArchitecture("DINOv2 or another vision transformer", "cls_token", "patch_embed.proj."),
  OtherArchitecture("ResNet, a classifier", "^layer4.", "^fc.weight"),
  OtherArchitecture("a classifier", "^features.", "^classifier."),
  OtherArchitecture("a classifier", "classifier.weight"),
  OtherArchitecture("a language model", "embed_tokens.weight"),
]

extension TensorInventory {
  /// What the tensors belong to, if recognised.
  var otherArchitecture: String? {
    let names = Array(shapes.keys)
    return otherArchitectures.first { $0.matches(names) }?.name
  }
}
