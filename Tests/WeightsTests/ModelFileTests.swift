// Models: round trip, what the metadata must say, foreign files, and the reader's equality with Python's writer.

import Tensor
import Testing

@testable import Weights

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file of this repository.
func repositoryFile(_ path: String) -> String {
  var components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  components.removeLast(3)
  return components.joined(separator: "/") + "/" + path
}

@Suite struct ModelFileTests {
  @Test func roundTrip() throws {
    let bytes = try ModelFile.bytes(settings: smallSettings, tensors: smallTensors)
    let model = try readModel(bytes)
    #expect(model.settings == smallSettings)
    #expect(model.name == "small-v0")
    #expect(model.architecture == "small")
    #expect(model.description == "a \"test\"\n")
    #expect(model.license == "Apache-2.0")
    #expect(model.provenance == ["training": "none"])
    #expect(model.parameterCount == 8)
    #expect(model.byteCount == bytes.count)
    #expect(Set(model.tensors.keys) == Set(smallTensors.keys))
    for (name, tensor) in smallTensors {
      #expect(model.tensors[name]?.shape == tensor.shape, "\(name)")
      #expect(model.tensors[name]?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern), "\(name)")
    }
    // Written again, it is the same file.
    #expect(try ModelFile.bytes(settings: model.settings, tensors: model.tensors) == bytes)
  }

  @Test func dataIsAlignedAndSorted() throws {
    for extra in 0..<8 {
      let bytes = try SafetensorsFile.bytes(
        tensors: smallTensors, metadata: ["k": String(repeating: "x", count: extra)])
      let header = try bytes.withUnsafeBytes { try SafetensorsHeader($0, source: source) }
      #expect(header.dataStart % 8 == 0)
      #expect(header.entries.map(\.name) == smallTensors.keys.sorted())
    }
  }

  @Test func writerRefusesWhatTheReaderWould() {
    #expect(throws: WeightsError.notFinite(source: "weights to be written", tensor: "w")) {
      try SafetensorsFile.bytes(tensors: ["w": Tensor([2], values: [1, .nan])], metadata: [:])
    }
    #expect(throws: WeightsError.notFinite(source: "model to be written", tensor: "settings")) {
      try ModelFile.bytes(settings: ["x": .list([.number(.infinity)])], tensors: [:])
    }
    #expect(throws: WeightsError.duplicateName(source: "weights to be written", name: "__metadata__")) {
      try SafetensorsFile.bytes(tensors: ["__metadata__": Tensor([1], values: [1])], metadata: [:])
    }
  }

  @Test func metadataMustDescribeAModel() throws {
    check(.noModelDescription(source: source), [:])
    check(.noModelDescription(source: source), ["format": "pt"])
    check(.noModelDescription(source: source), ["format": ModelFile.format])
    check(
      .unknownFormat(source: source, format: "match-model/2"), ["format": "match-model/2", "model": "{}"])
    check(.modelNotJSON(source: source, problem: "no value at byte 0"), model: "")
    check(.modelNotJSON(source: source, problem: "not an object"), model: "[]")
    check(.duplicateName(source: source, name: "name"), model: #"{"name":"a","n\u0061me":"b"}"#)
    check(
      .modelNotJSON(source: source, problem: "it has too many values or levels"),
      model: String(repeating: "[", count: 100_000))
    check(.modelDescription(source: source, problem: .missing(path: "name")), model: "{}")
    check(.modelDescription(source: source, problem: .missing(path: "architecture")), model: #"{"name":"a"}"#)
    check(
      .modelDescription(source: source, problem: .wrongKind(path: "license", expected: "a text")),
      model: #"{"name":"a","architecture":"b","license":1}"#)
    check(
      .modelDescription(source: source, problem: .wrongKind(path: "provenance.x", expected: "a text")),
      model: #"{"name":"a","architecture":"b","provenance":{"x":1}}"#)
    let least = try readModel(
      SafetensorsFile.bytes(
        tensors: [:], metadata: ["format": ModelFile.format, "model": #"{"name":"a","architecture":"b"}"#]))
    #expect(least.license.isEmpty && least.description.isEmpty && least.provenance.isEmpty)
  }

  @Test func integersAreRefusedButForPyTorchsCounter() throws {
    let metadata =
      #""__metadata__":{"format":"match-model/1","model":"{\"name\":\"a\",\"architecture\":\"b\"}"}"#
    func file(_ name: String, _ type: String, _ size: Int) -> [UInt8] {
      fileBytes(
        header: "{\(metadata)," + entry(name, type, "[]", "[0,\(size)]") + "}",
        data: Array(repeating: 1, count: size))
    }
    let counted = try readModel(file("norm.num_batches_tracked", "I64", 8))
    #expect(counted.tensors.isEmpty && counted.parameterCount == 0)
    #expect(throws: WeightsError.unsupportedType(source: source, tensor: "norm.other", type: "I64")) {
      try readModel(file("norm.other", "I64", 8))
    }
    #expect(
      throws: WeightsError.unsupportedType(source: source, tensor: "n.num_batches_tracked", type: "I32")
    ) {
      try readModel(file("n.num_batches_tracked", "I32", 4))
    }
  }

  @Test func filesOfPythonsLibrary() throws {
    let file = try SafetensorsFile(path: repositoryFile("Tests/WeightsTests/Fixtures/reference.safetensors"))
    #expect(file.metadata == ["note": "quoted \"é\" \\ \n 😀"])
    for name in ["float32", "float16", "brain_float16", "float64"] {
      #expect(file.tensors[name]?.shape == [2, 3], "\(name)")
      #expect(file.tensors[name]?.values == [-0.5, -0.25, 0, 0.25, 0.5, 0.75], "\(name)")
    }
    #expect(file.integers == ["int64": [-3, 1 << 40], "int32": [7, -8]])
    #expect(file.tensors["scalar"]?.shape == [] && file.tensors["scalar"]?.values == [1.5])
    #expect(file.tensors["empty"]?.shape == [3, 0])
    #expect(file.tensors.count == 6)
  }

  @Test func embeddedModelFile() throws {
    let path = repositoryFile("Sources/CModels/compact.safetensors")
    let model = try ModelFile(path: path)
    #expect(model.name == "compact-v1" && model.architecture == "compact" && model.license == "Apache-2.0")
    #expect(model.parameterCount > 1_000_000)
    #expect(model.byteCount == (try Data(contentsOf: URL(filePath: path))).count)
    #expect(model.provenance["training"] != nil)
    #expect(try Settings(model.settings).group("transformer").integer("heads") == 4)
  }

  private func check(
    _ error: WeightsError, _ metadata: [String: String], at location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: location) {
      try readModel(SafetensorsFile.bytes(tensors: smallTensors, metadata: metadata))
    }
  }

  private func check(_ error: WeightsError, model: String, at location: SourceLocation = #_sourceLocation) {
    check(error, ["format": ModelFile.format, "model": model], at: location)
  }
}
