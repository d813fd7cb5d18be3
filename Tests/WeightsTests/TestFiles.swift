// Safetensors files for the tests, put together byte by byte so that they can be wrong in every way.

import Tensor

@testable import Weights

let source = "test.safetensors"

/// A file of any header text and any data.
func fileBytes(header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  let text = Array(header.utf8)
  var bytes: [UInt8] = []
  withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { bytes += $0 }
  return bytes + text + data
}

/// One entry of a header.
func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
  #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}

/// One entry of float32.
func entry(_ name: String, _ shape: String, _ offsets: String) -> String {
  entry(name, "F32", shape, offsets)
}

func read(_ bytes: [UInt8]) throws(WeightsError) -> SafetensorsFile {
  try bytes.withUnsafeBytes { bytes in
    Result { () throws(WeightsError) in try SafetensorsFile(bytes: bytes, source: source) }
  }.get()
}

func readModel(_ bytes: [UInt8]) throws(WeightsError) -> ModelFile {
  try bytes.withUnsafeBytes { bytes in
    Result { () throws(WeightsError) in try ModelFile(bytes: bytes, source: source) }
  }.get()
}

/// The description of a small model.
let smallSettings: [String: Setting] = [
  "name": .text("small-v0"), "architecture": .text("small"), "description": .text("a \"test\"\n"),
  "license": .text("Apache-2.0"), "provenance": .group(["training": .text("none")]),
  "backbone": .group(["channels": .list([.number(4), .number(0.25)]), "folded": .flag(true)]),
]

/// Its tensors, one of them empty and one a scalar.
let smallTensors: [String: Tensor] = [
  "b.weight": Tensor([2, 3], values: [0, -1.5, 3e38, .leastNonzeroMagnitude, -0.0, 7]),
  "a.bias": Tensor([1], values: [0.1]),
  "a.running_mean": Tensor([2], values: [5, 6]),
  "a.running_var": Tensor([2], values: [7, 8]),
  "scalar": Tensor([], values: [2]),
  "empty": Tensor([0, 4], values: []),
]
