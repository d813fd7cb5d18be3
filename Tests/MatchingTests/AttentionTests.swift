// Attention and position encodings one by one against PyTorch (fixtures/goldens/layers.safetensors, made by
// training/goldens/layers.py), and the dual-softmax against its definition.

import Glibc
import Tensor
import Testing
import Weights

@testable import Matching

struct AttentionTests {
  static let compute = Compute(threads: 3)

  private let file: SafetensorsFile
  init() throws { file = try SafetensorsFile(path: Golden.path("fixtures/goldens/layers.safetensors")) }

  /// The cases of an operation: their names.
  private func cases(_ operation: String) -> [String] {
    file.tensors.keys.filter { $0.hasPrefix(operation + "/") && $0.hasSuffix("/output") }
      .map { String($0.dropLast("/output".count)) }.sorted()
  }

  private func tensor(_ name: String, _ role: String) throws -> Tensor {
    try #require(file.tensors["\(name)/\(role)"])
  }

  /// The whole numbers in a case's name.
  private func numbers(_ name: String) -> [Int] {
    name.split { !$0.isNumber }.compactMap { Int($0) }
  }

  private func checkAttention(_ operation: String, _ function: any AttentionFunction.Type) throws {
    #expect(cases(operation).count == 4)
    for name in cases(operation) {
      let inputs = try ["query", "key", "value"].map { role in
        let tensor = try tensor(name, role)
        return tensor.reshaped([1] + tensor.shape)
      }
      let output = function.attend(
        queries: inputs[0], keys: inputs[1], values: inputs[2], heads: numbers(name)[0], on: Self.compute)
      let expected = try tensor(name, "output")
      #expect(relativeError(output.reshaped(expected.shape), expected) < 1e-5, "\(name)")
    }
  }

  @Test func linearAttention() throws { try checkAttention("linear_attention", LinearAttention.self) }

  @Test func softmaxAttention() throws { try checkAttention("softmax_attention", SoftmaxAttention.self) }

  /// Several sequences at once are the sequences one by one: what the fine stage's windows rely on.
  @Test(arguments: ["linear", "softmax"])
  func sequencesAreIndependent(_ kind: String) throws {
    let function: any AttentionFunction.Type = kind == "linear" ? LinearAttention.self : SoftmaxAttention.self
    let (sequences, tokens, sources, channels) = (67, 25, 9, 8)
    func random(_ shape: [Int], _ seed: Int) -> Tensor {
      Tensor(shape, values: (0..<shape.reduce(1, *)).map { Float(($0 * 7919 + seed) % 1009) / 500 - 1 })
    }
    let queries = random([sequences, tokens, channels], 1)
    let (keys, values) = (
      random([sequences, sources, channels], 2), random([sequences, sources, channels], 3)
    )
    let together = function.attend(queries: queries, keys: keys, values: values, heads: 2, on: Self.compute)
    for sequence in [0, 1, 40, sequences - 1] {
      func one(_ tensor: Tensor) -> Tensor {
        let length = tensor.shape[1] * channels
        return Tensor(
          [1] + tensor.shape.dropFirst(),
          values: Array(tensor.values[sequence * length..<(sequence + 1) * length]))
      }
      let alone = function.attend(
        queries: one(queries), keys: one(keys), values: one(values), heads: 2, on: Self.compute)
      #expect(relativeError(one(together), alone) < 1e-6)
    }
  }

  @Test func rotaryEncoding() throws {
    let settings = Settings(["shortestWavelength": .number(4), "longestWavelength": .number(64)])
    #expect(cases("rotary").count == 3)
    for name in cases("rotary") {
      let values = numbers(name)
      let (heads, height, width) = (values[0], values[1], values[2])
      let (input, expected) = (try tensor(name, "input"), try tensor(name, "output"))
      let turned = try RotaryEncoding(settings)(
        input.reshaped([height, width, heads * values[3]]), heads: heads, on: Self.compute)
      #expect(relativeError(turned.reshaped(expected.shape), expected) < 1e-5, "\(name)")
    }
  }

  @Test func sinusoidalEncoding() throws {
    #expect(cases("sinusoidal").count == 4)
    for name in cases("sinusoidal") {
      let expected = try tensor(name, "output")
      let encoding = SinusoidalEncoding(channels: expected.shape[2], corrected: name.contains("corrected"))
      let output = encoding(Tensor(expected.shape, repeating: 0), on: Self.compute)
      #expect(relativeError(output, expected) < 1e-5, "\(name)")
    }
  }

  /// Streamed partners are those of the stored matrix, for sizes around the tiles' and with many ties.
  @Test(arguments: [(1, 1), (3, 130), (128, 1024), (129, 1025), (300, 77), (2200, 1100)])
  func streamedDualSoftmaxEqualsTheStoredOne(_ rows: Int, _ columns: Int) {
    let channels = 5
    func random(_ count: Int, _ seed: Int) -> Tensor {
      var state = UInt64(seed)
      return Tensor(
        [count, channels],
        values: (0..<count * channels).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return Float(Int(state >> 60)) / 4 - 2
        })
    }
    let (first, second) = (random(rows, 1), random(columns, 2))
    let weights = (0..<rows).map { -Float($0 % 3) }
    let softmax = DualSoftmax(scale: 0.7)
    let partners = softmax.partners(first, second, logWeight0: weights, on: Self.compute)

    let (a, b) = (first.values.map(Double.init), second.values.map(Double.init))
    let similarity = (0..<rows).map { row in
      (0..<columns).map { column in
        0.7 * (0..<channels).reduce(0.0) { $0 + a[row * channels + $1] * b[column * channels + $1] }
      }
    }
    func logSumExp(_ values: [Double]) -> Double { log(values.reduce(0) { $0 + exp($1) }) }
    let rowTerms = similarity.map(logSumExp)
    let columnTerms = (0..<columns).map { column in logSumExp(similarity.map { $0[column] }) }
    func logP(_ row: Int, _ column: Int) -> Double {
      2 * similarity[row][column] - rowTerms[row] - columnTerms[column] + Double(weights[row])
    }
    // Descriptors repeat, so the best partner may be one of several: its value must be the best one.
    for row in stride(from: 0, to: rows, by: max(1, rows / 50)) {
      let best = (0..<columns).map { logP(row, $0) }.max() ?? 0
      #expect(abs(Double(partners.logScore[row]) - best) < 1e-4)
      #expect(abs(logP(row, Int(partners.column[row])) - best) < 1e-4)
    }
    for column in stride(from: 0, to: columns, by: max(1, columns / 50)) {
      let best = (0..<rows).map { logP($0, column) }.max() ?? 0
      #expect(abs(logP(Int(partners.row[column]), column) - best) < 1e-4)
    }
  }

  @Test func descriptorsThatAreNoNumbersMatchNothing() {
    let broken = Tensor([3, 2], repeating: .nan)
    let partners = DualSoftmax(scale: 1).partners(broken, broken, on: Self.compute)
    #expect(partners.column == [-1, -1, -1])
    #expect(partners.row == [-1, -1, -1])
  }
}
