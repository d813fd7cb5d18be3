// Our layers against outputs of PyTorch (fixtures/goldens/layers.safetensors; training/goldens/layers.py says how
// its tensors are named). Attention and position encodings are tested with Matching.

import Foundation
import Tensor
import Testing
import Weights

@Suite struct PyTorchTests {
  private let cases: [String: [String: Tensor]]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.appending(path: "fixtures/goldens/layers.safetensors").path(percentEncoded: false)
    // "conv2d/k3s2p1-9x7-1to5/input": the last part is the tensor's role in its case.
    var cases: [String: [String: Tensor]] = [:]
    for (name, tensor) in try SafetensorsFile(path: path).tensors {
      let parts = name.split(separator: "/").map(String.init)
      cases[parts.dropLast().joined(separator: "/"), default: [:]][parts.last ?? ""] = tensor
    }
    self.cases = cases
  }

  @Test func convolution() throws {
    try forEachCase("conv2d", count: 28) { name, roles in
      // kKsSpP-...
      let digits = name.prefix { $0 != "-" }.split { !$0.isNumber }.compactMap { Int($0) }
      let weight = try #require(roles["weight"])
      let kernel = try ConvolutionKernel(
        weight.shape[1], weight.shape[0], size: digits[0], bias: true, from: Parameters(roles))
      return Convolution(kernel, stride: digits[1], padding: digits[2])(
        try #require(roles["input"]), on: compute)
    }
  }

  @Test func depthwiseConvolution() throws {
    try forEachCase("depthwise_conv2d", count: 2) { _, roles in
      let input = try #require(roles["input"])
      return try DepthwiseAggregation(input.shape[2], size: 2, from: Parameters(roles))(input, on: compute)
    }
  }

  @Test func maxPooling() throws {
    try forEachCase("max_pool2d", count: 2) { _, roles in
      MaxPooling(size: 2)(try #require(roles["input"]), on: compute)
    }
  }

  @Test func batchNorm() throws {
    try forEachCase("batch_norm", count: 1) { _, roles in
      let (input, channels) = (try #require(roles["input"]), 5)
      var norm = roles
      norm["running_mean"] = roles["mean"]
      norm["running_var"] = roles["variance"]
      // Folded into a convolution that changes nothing.
      let ones = Tensor(
        [channels, channels, 1, 1], values: (0..<25).map { $0 % (channels + 1) == 0 ? 1 : 0 })
      let kernel = try ConvolutionKernel(
        channels, channels, size: 1, bias: false, from: Parameters(["weight": ones]))
      return Convolution(kernel.folding(try BatchNorm(channels, from: Parameters(norm))))(input, on: compute)
    }
  }

  @Test func linear() throws {
    try forEachCase("linear", count: 2) { _, roles in
      let layer = try Linear(12, 9, bias: roles["bias"] != nil, from: Parameters(roles))
      return layer(try #require(roles["input"]), on: compute)
    }
  }

  @Test func layerNorm() throws {
    try forEachCase("layer_norm", count: 1) { _, roles in
      try LayerNorm(12, from: Parameters(roles))(try #require(roles["input"]), on: compute)
    }
  }

  @Test func softmax() throws {
    try forEachCase("softmax", count: 3) { name, roles in
      let input = try #require(roles["input"])
      guard name == "columns" else { return input.softmax(on: compute) }
      return transposed(transposed(input).softmax(on: compute))
    }
  }

  @Test func upsampling() throws {
    try forEachCase("upsample2", count: 10) { name, roles in
      let alignment: Alignment = name.hasPrefix("corners") ? .cornerPixels : .edges
      return BilinearUpsampling(factor: 2, alignment: alignment)(try #require(roles["input"]), on: compute)
    }
  }

  /// Expects `count` cases of an operation, and that `layer` gives each one's output.
  private func forEachCase(
    _ operation: String, count: Int, at location: SourceLocation = #_sourceLocation,
    _ layer: (String, [String: Tensor]) throws -> Tensor
  ) throws {
    let selected = cases.filter { $0.key.hasPrefix(operation + "/") }
    #expect(selected.count == count, sourceLocation: location)
    for (name, roles) in selected {
      let output = try #require(roles["output"])
      expectClose(
        try layer(String(name.dropFirst(operation.count + 1)), roles), output.shape, output.doubles,
        within: 1e-5,
        name, at: location)
    }
  }

  private func transposed(_ matrix: Tensor) -> Tensor {
    let (rows, columns, values) = (matrix.shape[0], matrix.shape[1], matrix.values)
    return Tensor(
      [columns, rows], values: (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] })
  }
}
