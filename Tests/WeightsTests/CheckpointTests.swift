// Checkpoints that PyTorch wrote (training/goldens/make_checkpoints.py), compared with what PyTorch itself loads.

import Files
import Tensor
import Testing

@testable import Weights

private func fixture(_ name: String) -> String {
  repositoryFile("Tests/WeightsTests/Fixtures/checkpoints/" + name)
}

@Suite struct CheckpointTests {
  private static let matcher = ["matcher."]

  /// Name, nesting, prefixes.
  static let forms: [(String, [String], [String])] = [
    ("plain", [], []), ("lightning", ["state_dict"], matcher), ("matcher", [], matcher),
    ("parallel", ["model"], ["module.", "matcher."]), ("half", [], []), ("brain", [], []),
    ("strided", [], []),
    ("shared", ["state_dict"], []), ("parameters", [], []), ("types", [], []),
    ("loftr", ["state_dict"], matcher),
    ("protocol3", ["state_dict"], matcher), ("protocol4", ["state_dict"], matcher),
    ("protocol5", ["state_dict"], matcher), ("deflated", ["state_dict"], matcher),
  ]

  @Test(arguments: forms) func equalsPyTorch(name: String, nesting: [String], prefixes: [String]) throws {
    let file = try WeightsFile(path: fixture(name + ".pt"))
    #expect(file.container == .pyTorch)
    #expect(file.nesting == nesting)
    #expect(file.strippedPrefixes == prefixes)
    let prefix = prefixes.joined()
    let tensors = try file.tensors()
    let expected = try SafetensorsFile(path: fixture(name + ".safetensors")).tensors
    #expect(Set(tensors.keys.map { prefix + $0 }) == Set(expected.keys))
    for (name, tensor) in tensors {
      let other = try #require(expected[prefix + name])
      #expect(tensor.shape == other.shape, "\(name)")
      #expect(tensor.values.map(\.bitPattern) == other.values.map(\.bitPattern), "\(name)")
    }
    for entry in file.entries where entry.isFloatingPoint {
      #expect(tensors[entry.name]?.shape == entry.shape, "\(entry.name)")
    }
  }

  /// The twins that the tests above compare with hold the same tensors, whatever their container.
  @Test func formsAgree() throws {
    let plain = try WeightsFile(path: fixture("plain.pt")).tensors()
    for name in ["matcher", "parallel"] {
      let other = try WeightsFile(path: fixture(name + ".pt")).tensors()
      #expect(plain.mapValues(\.values) == other.mapValues(\.values))
    }
    let lightning = try WeightsFile(path: fixture("lightning.pt")).tensors()
    for name in ["protocol3", "protocol4", "protocol5", "deflated", "lightning"] {
      let other = try WeightsFile(path: fixture(name + ".pt")).tensors()
      #expect(lightning.mapValues(\.values) == other.mapValues(\.values))
    }
    let safetensors = try WeightsFile(path: fixture("parallel.safetensors"))
    #expect(safetensors.container == .safetensors)
    #expect(safetensors.strippedPrefixes == ["module.", "matcher."])
    #expect(try safetensors.tensors().mapValues(\.values) == plain.mapValues(\.values))
  }

  @Test func entriesInOrder() throws {
    let file = try WeightsFile(path: fixture("lightning.pt"))
    #expect(
      file.entries.map(\.name) == [
        "conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
        "norm.num_batches_tracked", "project.weight", "project.bias",
      ])
    #expect(file.entries[0].shape == [2, 1, 3, 3] && file.entries[0].type == "F32")
    let counter = file.entries[5]
    #expect(counter.isBatchCount && !counter.isFloatingPoint && counter.type == "I64" && counter.shape == [])
    #expect(file.entries.count { $0.isBatchCount } == 1)
  }

  @Test func elementTypes() throws {
    let file = try WeightsFile(path: fixture("types.pt"))
    let types = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, $0.type) })
    #expect(
      types == [
        "float": "F32", "double": "F64", "half": "F16", "brain": "BF16", "long": "I64", "int": "I32",
        "short": "I16", "bytes": "U8", "mask": "BOOL", "unsigned": "U16",
      ])
    #expect(Set(try file.tensors().keys) == ["float", "double", "half", "brain"])
  }

  @Test func plainValuesAreSkipped() throws {
    let file = try WeightsFile(path: fixture("parameters.pt"))
    #expect(file.skipped == ["steps"])
    #expect(file.containerDescription == "PyTorch checkpoint, ignoring non-tensor entries (steps)")
  }

  @Test func containerInWords() throws {
    #expect(try WeightsFile(path: fixture("plain.safetensors")).containerDescription == "safetensors")
    #expect(
      try WeightsFile(path: fixture("parallel.pt")).containerDescription
        == "PyTorch checkpoint, tensors under model, without the prefix module.matcher.")
  }

  @Test func sha256IsTheFiles() throws {
    let file = try FileSource(path: fixture("plain.pt"))
    let expected = SHA256.hexadecimal(of: try file.bytes(0..<file.count))
    #expect(try WeightsFile(path: fixture("plain.pt")).sha256() == expected)
  }

  @Test(
    arguments: [
      ("legacy.pt", "in the pre-1.6 format, which is not supported; save it again"),
      ("whole-model.pt", "a whole Python object (__main__.Network) instead of named tensors; save it"),
      ("script.pt", "is a TorchScript program, not a checkpoint; save"),
      ("sparse.pt", "'weight' is made by torch._utils._rebuild_sparse_tensor, which no plain tensor needs"),
    ])
  func refused(name: String, message: String) {
    #expect {
      try WeightsFile(path: fixture(name))
    } throws: { error in
      let text = "\(error)"
      return text.contains(message) && text.contains(name) && !text.contains("\n")
    }
  }
}
