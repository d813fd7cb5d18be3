// Weights files that are damaged, hostile or not this model's: refused in one line, before any picture is read.

import Foundation
import Tensor
import Testing
import TestSupport
import Weights

@Suite struct BadWeightsTests {
  /// The file is refused by matching, by `model show` and by `model trace`.
  private func refuses(
    _ bytes: some Sequence<UInt8>, _ status: Int32 = Exit.weightsUnreadable, mentioning: [String],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let workplace = try Workplace()
    try workplace.write(bytes, to: "w.safetensors")
    try workplace.write(blocks(), to: "a.png")
    let expected = ["w.safetensors"] + mentioning
    try workplace.refuses(
      ["a.png", "a.png", "--weights", "w.safetensors", "-o", "matches.csv"], status, mentioning: expected,
      at: location)
    try workplace.refuses(["model", "show", "w.safetensors"], status, mentioning: expected, at: location)
    try workplace.refuses(
      ["model", "trace", "w.safetensors", "a.safetensors", "b.safetensors"], status, mentioning: expected,
      at: location)
  }

  private func compact() throws -> ModelFile { try ModelFile(path: Samples.compact) }

  /// The compact model with other settings and tensors.
  private func changed(
    settings: (inout [String: Setting]) -> Void = { _ in },
    tensors: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let model = try compact()
    var (newSettings, newTensors) = (model.settings, model.tensors)
    settings(&newSettings)
    tensors(&newTensors)
    return try ModelFile.bytes(settings: newSettings, tensors: newTensors)
  }

  /// The compact model with one setting of one component changed.
  private func changed(_ component: String, _ name: String, _ value: Setting) throws -> [UInt8] {
    try changed(settings: { settings in
      guard case .group(var group) = settings[component] else { return }
      group[name] = value
      settings[component] = .group(group)
    })
  }

  private func file(header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header.utf8 + data
  }

  private func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  // MARK: damaged and hostile files

  @Test func unchangedIsAccepted() throws {
    // The base of the tests below: what they change is what is refused.
    let workplace = try Workplace()
    try workplace.write(try changed(), to: "w.safetensors")
    try workplace.write(blocks(), to: "a.png")
    _ = try workplace.matched(["a.png", "a.png", "--weights", "w.safetensors"])
  }

  @Test func missing() throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    try workplace.refuses(
      ["a.png", "a.png", "--weights", "none.safetensors"], Exit.weightsUnreadable,
      mentioning: ["none.safetensors", "check the path"])
    try workplace.refuses(
      ["a.png", "a.png", "--weights", "/"], Exit.weightsUnreadable, mentioning: ["/: ", "give"])
  }

  @Test func truncated() throws {
    let whole = try changed()
    try refuses([], mentioning: ["0 bytes long, too short", "again"])
    try refuses(whole.prefix(4), mentioning: ["4 bytes long, too short", "again"])
    try refuses(whole.prefix(1000), mentioning: ["not a safetensors file", "again"])
    try refuses(whole.dropLast(1), mentioning: ["the header calls for", "again"])
  }

  @Test(arguments: [1 << 63, UInt64.max, 100_000_001, 3]) func headerLength(length: UInt64) throws {
    try refuses(file(header: "{}", length: length), mentioning: ["header of \(length) bytes", "again"])
  }

  @Test func overlappingOffsets() throws {
    let header = "{\(entry("a", "F32", "[2]", "[0,8]")),\(entry("b", "F32", "[2]", "[4,12]"))}"
    try refuses(
      file(header: header, data: [UInt8](repeating: 0, count: 12)),
      mentioning: ["tensor 'b' begins at 4, inside the one that ends at 8"])
  }

  @Test(arguments: ["[9223372036854775807,4]", "[4294967296,4294967296]", "[2305843009213693952,8]"])
  func overflowingShape(shape: String) throws {
    let header = "{\(entry("a", "F32", shape, "[0,8]"))}"
    try refuses(
      file(header: header, data: [UInt8](repeating: 0, count: 8)), mentioning: ["tensor 'a'", "again"])
  }

  @Test func elementType() throws {
    let header = "{\(entry("a", "C64", "[1]", "[0,8]"))}"
    try refuses(
      file(header: header, data: [UInt8](repeating: 0, count: 8)),
      mentioning: ["tensor 'a' has type C64", "convert it to F32"])
  }

  /// A whole model of which one tensor became integers.
  @Test func integersInPlaceOfFloats() throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Samples.compact)))
    let text = #""backbone.coarse_proj.bias":{"dtype":"F32""#
    let place = try #require(Data(whole).range(of: Data(text.utf8)))
    var bytes = whole
    bytes[place.upperBound - 4] = UInt8(ascii: "I")
    try refuses(bytes, mentioning: ["'backbone.coarse_proj.bias' has type I32"])
  }

  @Test func duplicateKeys() throws {
    let header = "{\(entry("a", "F32", "[1]", "[0,4]")),\(entry("a", "F32", "[1]", "[0,4]"))}"
    try refuses(file(header: header, data: [0, 0, 0, 0]), mentioning: ["the name 'a' occurs twice"])
  }

  @Test func pyTorchCheckpoint() throws {
    let archive: [UInt8] = [0x50, 0x4B, 0x03, 0x04] + [UInt8](repeating: 0x41, count: 2000)
    try refuses(archive, mentioning: ["is cut short: it has no end record", "again"])
    try refuses(
      [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E],
      mentioning: ["PyTorch checkpoint in the pre-1.6 format", "torch.save"])
  }

  @Test func noModel() throws {
    try refuses(
      try SafetensorsFile.bytes(tensors: ["a": Tensor([1], values: [1])], metadata: [:]),
      Exit.weightsDoNotFit, mentioning: ["holds 1 tensors (a), not a matcher", "LoFTR"])
    try refuses(
      try Data(contentsOf: URL(fileURLWithPath: Samples.repository + "/LICENSE")), mentioning: ["again"])
  }

  // MARK: models that do not fit

  @Test func missingKey() throws {
    try refuses(
      try changed(tensors: { $0["backbone.coarse_proj.bias"] = nil }), Exit.weightsDoNotFit,
      mentioning: ["backbone.coarse_proj.bias", "damaged or made for another version"])
  }

  @Test func unusedKey() throws {
    try refuses(
      try changed(tensors: { $0["backbone.extra.bias"] = Tensor([1], values: [1]) }), Exit.weightsDoNotFit,
      mentioning: ["backbone.extra.bias", "damaged or made for another version"])
  }

  @Test func wrongShape() throws {
    try refuses(
      try changed(tensors: { $0["backbone.coarse_proj.bias"] = Tensor([2], values: [1, 2]) }),
      Exit.weightsDoNotFit, mentioning: ["backbone.coarse_proj.bias", "[2]", "[96]"])
  }

  @Test func absurdExtents() throws {
    for channels in [1e9, 0, -32, 32.5, 1e300] {
      try refuses(
        try changed("backbone", "channels", .list([.number(channels), .number(64), .number(96)])),
        Exit.weightsDoNotFit, mentioning: ["backbone.channels"])
    }
    for (component, name) in [
      ("transformer", "channels"), ("transformer", "heads"), ("backbone", "fineChannels"),
      ("fineMatching", "window"),
    ] {
      try refuses(
        try changed(component, name, .number(1e9)), Exit.weightsDoNotFit, mentioning: ["\(component).\(name)"]
      )
    }
  }

  @Test func unknownKinds() throws {
    try refuses(
      try changed("transformer", "attention", .group(["kind": .text("telepathic")])), Exit.weightsDoNotFit,
      mentioning: ["transformer.attention.kind", "telepathic", "known: "])
    for component in ["backbone", "positionEncoding", "coarseMatching", "fineMatching"] {
      try refuses(
        try changed(component, "kind", .text("un\nheard")), Exit.weightsDoNotFit,
        mentioning: ["\(component).kind", "known: "])
      try refuses(
        try changed(settings: { $0[component] = nil }), Exit.weightsDoNotFit,
        mentioning: ["the model's settings lack '\(component)'"])
    }
  }
}
