// match model convert: weights that others publish, written as a model file and matched with.

import Foundation
import Imaging
import PairStore
import Tensor
import Testing
import TestSupport
import Weights

@Suite struct ConvertTests {
  private static let checkpoints = Samples.repository + "/Tests/WeightsTests/Fixtures/checkpoints/"
  /// A tiny LoFTR of random weights, saved by PyTorch as Lightning does, and its tensors.
  private static let checkpoint = checkpoints + "loftr.pt"
  private static let tensors = checkpoints + "loftr.safetensors"

  /// Beginnings of names in the authors' files and in model files.
  private static let renamed = [
    ("matcher.loftr_coarse.", "transformer."),
    ("matcher.fine_preprocess.down_proj.", "fine_matching.coarse_proj."),
    ("matcher.fine_preprocess.merge_feat.", "fine_matching.merge."),
    ("matcher.loftr_fine.", "fine_matching.transformer."), ("matcher.", ""),
  ]

  private static func ourName(_ name: String) -> String {
    guard let (old, new) = renamed.first(where: { name.hasPrefix($0.0) }) else { return name }
    return new + name.dropFirst(old.count)
  }

  @Test func everyTensorKeepsItsBytes() throws {
    let workplace = try Workplace()
    let run = try workplace.matched(["model", "convert", Self.checkpoint, "-o", "m.safetensors"])
    #expect(run.text == "m.safetensors: loftr, 25544 parameters in 134 tensors\n")
    let model = try ModelFile(path: workplace.path("m.safetensors"))
    let expected = try SafetensorsFile(path: Self.tensors).tensors
    #expect(Set(model.tensors.keys) == Set(expected.keys.map(Self.ourName)))
    for (name, tensor) in expected {
      let other = try #require(model.tensors[Self.ourName(name)])
      #expect(other.shape == tensor.shape, "\(name)")
      #expect(other.values.map(\.bitPattern) == tensor.values.map(\.bitPattern), "\(name)")
    }
    #expect(model.architecture == "loftr" && model.name == "loftr")
    let sum = try MatchProgram.run([Self.checkpoint], in: "/", executable: "/usr/bin/sha256sum").text.prefix(
      64)
    #expect(model.provenance["original"] == "loftr.pt, SHA-256 \(sum)")
  }

  /// The checkpoint, its tensors alone, what convert makes of it, and that converted again: the same matches.
  @Test func everyContainerGivesTheSameMatches() throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    _ = try workplace.matched(["model", "convert", Self.checkpoint, "-o", "m.safetensors"])
    _ = try workplace.matched(["model", "convert", "m.safetensors", "-o", "n.safetensors"])
    #expect(try workplace.bytes("m.safetensors") == workplace.bytes("n.safetensors"))
    var tables: Set<[UInt8]> = []
    for weights in [Self.checkpoint, Self.tensors, "m.safetensors"] {
      _ = try workplace.matched(
        ["a.png", "a.png", "--weights", weights, "--threshold", "0", "--geometry", "none", "-o", "a.csv"])
      tables.insert(try workplace.bytes("a.csv"))
    }
    #expect(tables.count == 1)
    #expect(try #require(tables.first).count { $0 == UInt8(ascii: "\n") } > 10)
  }

  @Test func variantIsKept() throws {
    let workplace = try Workplace()
    for variant in ["original", "corrected"] {
      _ = try workplace.matched([
        "model", "convert", Self.checkpoint, "-o", "m.safetensors", "--variant", variant,
      ])
      let model = try ModelFile(path: workplace.path("m.safetensors"))
      guard case .group(let encoding)? = model.settings["positionEncoding"] else {
        Issue.record("no position encoding")
        return
      }
      #expect(encoding["corrected"] == .flag(variant == "corrected"))
    }
  }

  /// An evaluation's cache and a batch's store hold the matches of both variants apart.
  @Test func variantReachesEvaluationsAndBatches() throws {
    let workplace = try Workplace()
    try FileManager.default.createDirectory(
      atPath: workplace.path("data/s"), withIntermediateDirectories: true)
    try workplace.write(blocks(), to: "data/s/1.png")
    try workplace.write(blocks(), to: "data/s/2.png")
    try workplace.write(Array("1 0 0\n0 1 0\n0 0 1\n".utf8), to: "data/s/H_1_2")
    let weights = ["--weights", Self.checkpoint, "--variant"]
    func batch(_ variant: String, _ folder: String) -> [String] {
      ["batch", "data/s", "-o", folder, "--threshold", "0", "--geometry", "none"] + weights + [variant]
    }
    var records: Set<[UInt8]> = []
    for variant in ["original", "corrected"] {
      let table = try workplace.matched(
        ["evaluate", "homography", "data", "--matcher", "compact", "--cache", "c"] + weights + [variant])
      #expect(table.text.contains("loftr, \(variant), sha256"))
      _ = try workplace.matched(batch(variant, variant))
      let store = try PairStoreFolder(path: workplace.path(variant))
      #expect(store.header.options["variant"] == variant)
      try store.forEach { records.insert(PairRecord.encode($0).dropLast(PairRecord.timeByteCount)) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: workplace.path("c")).count == 2)
    #expect(records.count == 2)
    try workplace.refuses(
      batch("corrected", "original"), Exit.usage, mentioning: ["--variant original, not corrected"])
    for command in [["evaluate"], ["batch", "data/s", "-o", "out"], ["data/s/1.png", "data/s/2.png"]] {
      try workplace.refuses(
        command + ["--variant", "original"], Exit.usage, mentioning: ["--variant", "--weights"])
    }
  }

  @Test func showSaysWhereTheTensorsWere() throws {
    let workplace = try Workplace()
    let whole = try workplace.matched(["model", "show", Self.checkpoint])
    #expect(
      whole.text.contains("  PyTorch checkpoint, tensors under state_dict, without the prefix matcher.\n"))
    var tensors = try SafetensorsFile(path: Self.tensors).tensors
    tensors["matcher.backbone.layer1.0.bn1.weight"] = nil
    tensors["matcher.extra.weight"] = Tensor([1], values: [1])
    try workplace.write(
      try SafetensorsFile.bytes(tensors: tensors, metadata: ["format": "pt"]), to: "w.safetensors")
    let run = try workplace.match(["model", "show", "w.safetensors"])
    #expect(run.status == Exit.weightsDoNotFit)
    for line in [
      "  safetensors, without the prefix matcher.\n", "  backbone.layer1.0.bn1.weight\n", "  extra.weight\n",
    ] {
      #expect(run.text.contains(line), "\(line)")
    }
  }

  @Test func refused() throws {
    let workplace = try Workplace()
    try workplace.write([1, 2, 3], to: "m.safetensors")
    func refuses(
      _ file: String, _ status: Int32, _ texts: [String], at location: SourceLocation = #_sourceLocation
    ) throws {
      try workplace.refuses(
        ["model", "convert", file, "-o", "m.safetensors"], status, mentioning: texts, at: location)
    }
    var incomplete = try SafetensorsFile(path: Self.tensors).tensors
    incomplete["matcher.backbone.layer1.0.bn1.weight"] = nil
    try workplace.write(
      try SafetensorsFile.bytes(tensors: incomplete, metadata: ["format": "pt"]), to: "incomplete.safetensors"
    )
    try refuses("incomplete.safetensors", Exit.weightsDoNotFit, ["1 missing (backbone.layer1.0.bn1.weight)"])
    try refuses(Self.checkpoints + "plain.pt", Exit.weightsDoNotFit, ["conv.weight", "not a matcher"])
    try refuses(Self.checkpoints + "legacy.pt", Exit.weightsUnreadable, ["pre-1.6 format", "torch.save"])
    try refuses(
      Self.checkpoints + "whole-model.pt", Exit.weightsUnreadable, ["__main__.Network", "state_dict"])
    try refuses("none.ckpt", Exit.weightsUnreadable, ["none.ckpt", "no such file"])
    try workplace.refuses(
      ["model", "convert", Self.checkpoint, "-o", "none/m.safetensors"], Exit.cannotWrite,
      mentioning: ["none"])
    try workplace.refuses(["model", "convert", Self.checkpoint], Exit.usage, mentioning: ["--output"])
  }
}
