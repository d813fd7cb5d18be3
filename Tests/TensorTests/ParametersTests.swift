// The account of missing, unused and wrongly shaped tensors, and settings with the paths of their faults.

import Foundation
import Testing

@testable import Tensor

@Suite struct ParametersTests {
  private let tensors = [
    "a.weight": Tensor([2], values: [1, 2]), "a.bias": Tensor([1], values: [3]),
    "b.c.weight": Tensor([1], values: [4]),
  ]

  @Test func scopesAndValues() throws {
    let parameters = Parameters(tensors)
    #expect(try parameters.scope("a").tensor("weight", [2]).values == [1, 2])
    #expect(try parameters.tensor("a.bias", [1]).values == [3])
    #expect(try parameters.scope("b").scope("c").tensor("weight", [1]).values == [4])
    #expect(parameters.scope("a").contains("bias") && !parameters.scope("b").contains("bias"))
    try parameters.verify()
  }

  @Test func everyFaultIsReportedAtOnce() throws {
    let parameters = Parameters(tensors)
    // Zeros stand in, so that building goes on.
    #expect(try parameters.scope("a").tensor("weight", [2, 1]).values == [0, 0])
    #expect(try parameters.tensor("z", [3]).values == [0, 0, 0])
    #expect(try parameters.tensor("y", []).values == [0])
    let error = ParametersError.mismatch(
      missing: ["y", "z"], unused: ["a.bias", "b.c.weight"],
      shapes: [ShapeMismatch(name: "a.weight", expected: [2, 1], found: [2])])
    #expect(throws: error) { try parameters.verify() }
    #expect(
      error.description
        == "the tensors do not fit the model's settings: 2 missing (y, z); 2 unused "
        + "(a.bias, b.c.weight); 1 of wrong shape (a.weight: expected [2, 1], found [2])")
  }

  @Test func longListsAreCut() {
    let error = ParametersError.mismatch(missing: ["a", "b", "c", "d", "e"], unused: [], shapes: [])
    #expect(error.description.hasSuffix(": 5 missing (a, b, c, d, ...)"))
  }

  @Test(arguments: [[1 << 26 + 1], [1 << 40, 1 << 40], [1 << 62, 2], [1 << 13, 1 << 14]])
  func tooLarge(shape: [Int]) {
    #expect(throws: ParametersError.tooLarge(name: "s.w", shape: shape)) {
      try Parameters([:]).scope("s").tensor("w", shape)
    }
  }
}

@Suite struct SettingsTests {
  private let settings = Settings([
    "text": .text("x"), "whole": .number(4), "part": .number(0.5), "flag": .flag(true),
    "list": .list([.number(1), .number(2)]), "texts": .list([.text("a"), .text("b")]),
    "group": .group([
      "inner": .group(["size": .number(9), "kind": .text("odd"), "sizes": .list([.text("x")])])
    ]),
  ])

  @Test func values() throws {
    #expect(try settings.text("text") == "x")
    #expect(try settings.integer("whole") == 4)
    #expect(try settings.number("part", in: 0...1) == 0.5)
    #expect(try settings.flag("flag"))
    #expect(try settings.integers("list") == [1, 2])
    #expect(try settings.texts("texts") == ["a", "b"])
    #expect(try settings.group("group").group("inner").integer("size") == 9)
    #expect(try settings.optionalGroup("none") == nil)
    #expect(try settings.choice("text", from: ["x": 1, "y": 2]) == 1)
  }

  @Test func faultsNameTheWholePath() throws {
    let inner = try settings.group("group").group("inner")
    let path = "group.inner"
    #expect(throws: SettingsError.missing(path: "\(path).none")) { try inner.integer("none") }
    #expect(throws: SettingsError.wrongKind(path: "\(path).kind", expected: "a whole number")) {
      try inner.integer("kind")
    }
    #expect(throws: SettingsError.wrongKind(path: "part", expected: "a whole number")) {
      try settings.integer("part")
    }
    #expect(throws: SettingsError.outOfRange(path: "\(path).size", value: 9, allowed: "1...8")) {
      try inner.integer("size", in: 1...8)
    }
    #expect(throws: SettingsError.outOfRange(path: "\(path).size", value: 9, allowed: "0.0...1.0")) {
      try inner.number("size", in: 0...1)
    }
    #expect(throws: SettingsError.wrongKind(path: "\(path).sizes", expected: "a whole number")) {
      try inner.integers("sizes")
    }
    #expect(throws: SettingsError.wrongKind(path: "\(path).kind", expected: "true or false")) {
      try inner.flag("kind")
    }
    #expect(throws: SettingsError.wrongKind(path: "\(path).size", expected: "a text")) {
      try inner.text("size")
    }
    #expect(throws: SettingsError.wrongKind(path: "\(path).size", expected: "a group of settings")) {
      try inner.group("size")
    }
    #expect(throws: SettingsError.wrongKind(path: "list", expected: "a list of texts")) {
      try settings.texts("list")
    }
    #expect(throws: SettingsError.unknown(path: "\(path).kind", value: "odd", known: ["even", "prime"])) {
      try inner.choice("kind", from: ["prime": 1, "even": 2])
    }
    #expect(SettingsError.missing(path: "a.b").description == "the model's settings lack 'a.b'")
  }

  @Test(arguments: [1e300, -1, 0, 4097, .infinity, .nan])
  func extentsOutOfRange(value: Double) {
    #expect(throws: SettingsError.self) { try Settings(["n": .number(value)]).integer("n") }
  }

  @Test func codableRoundTrip() throws {
    let tree = Setting.group(settings.values)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(tree)
    #expect(try JSONDecoder().decode(Setting.self, from: data) == tree)
    let text = String(decoding: data, as: UTF8.self)
    #expect(
      text.hasPrefix(#"{"flag":true,"group":{"inner":{"kind":"odd","size":9,"sizes":["x"]}},"list":[1,2],"#))
    // Numbers and truth values stay apart.
    let mixed = try JSONDecoder().decode([Setting].self, from: Data("[1,true,0,false,\"1\"]".utf8))
    #expect(mixed == [.number(1), .flag(true), .number(0), .flag(false), .text("1")])
  }
}
