// Linear layers, norms, softmax, feature maps and rotation: everything that works on rows of channels.

import CKernels
import Glibc
import Tensor
import Testing
import TestSupport

@Suite struct RowTests {
  static let sizes = [(1, 1), (1, 7), (3, 1), (17, 16), (33, 31), (513, 5), (700, 40)]

  @Test(arguments: sizes) func linear(rows: Int, channels: Int) throws {
    var random = SeededGenerator(rows * channels)
    let outputs = Int.random(in: 1...37, using: &random)
    let (weight, bias) = (random.tensor([outputs, channels]), random.tensor([outputs]))
    let (input, residual) = (random.tensor([rows, channels]), random.tensor([rows, outputs]))
    for hasBias in [false, true] {
      let layer = try Linear(
        channels, outputs, bias: hasBias, from: Parameters(["weight": weight, "bias": bias]))
      let twin = Naive.linear(input.rows, weight: weight, bias: hasBias ? bias.doubles : nil)
      for activation in [Activation.none, .relu, .leakyReLU] {
        expectClose(
          layer(input, activation: activation, on: compute), [rows, outputs], Naive.activate(twin, activation)
        )
        let sum = zip(twin, residual.doubles).map(+)
        expectClose(
          layer(input, activation: activation, residual: residual, on: compute), [rows, outputs],
          Naive.activate(sum, activation))
      }
    }
  }

  @Test(arguments: sizes) func linearOverAConcatenation(rows: Int, channels: Int) throws {
    var random = SeededGenerator(rows + channels)
    let (second, outputs) = (Int.random(in: 1...9, using: &random), 11)
    let (weight, bias) = (random.tensor([outputs, channels + second]), random.tensor([outputs]))
    let (left, right) = (random.tensor([rows, channels]), random.tensor([rows, second]))
    let layer = Linear(weight: weight, bias: bias)
    let twin = Naive.linear(zip(left.rows, right.rows).map(+), weight: weight, bias: bias.doubles)
    expectClose(
      layer(concatenating: left, right, activation: .relu, on: compute), [rows, outputs],
      Naive.activate(twin, .relu))
  }

  @Test func linearKeepsOuterExtentsAndBits() {
    var random = SeededGenerator(2)
    let layer = Linear(weight: random.tensor([13, 19]), bias: random.tensor([13]))
    let map = random.tensor([31, 37, 19])
    let single = layer(map, on: Compute(threads: 1))
    #expect(single.shape == [31, 37, 13])
    for threads in 2...4 {
      #expect(
        layer(map, on: Compute(threads: threads)).values.map(\.bitPattern) == single.values.map(\.bitPattern))
    }
  }

  @Test(arguments: sizes) func layerNorm(rows: Int, channels: Int) throws {
    var random = SeededGenerator(rows * 3 + channels)
    let (scale, shift) = (random.tensor([channels]), random.tensor([channels]))
    let norm = try LayerNorm(channels, from: Parameters(["weight": scale, "bias": shift]))
    // A mean far from zero, where the variance by squares would cancel.
    for range in [-2...2, 99...101] as [ClosedRange<Float>] {
      let (input, residual) = (random.tensor([rows, channels], in: range), random.tensor([rows, channels]))
      let twin = input.rows.flatMap { Naive.layerNorm($0, scale: scale.doubles, shift: shift.doubles) }
      let tolerance = range.lowerBound > 0 ? 1e-4 : 3e-6
      expectClose(norm(input, on: compute), [rows, channels], twin, within: tolerance)
      expectClose(
        norm(input, residual: residual, on: compute), [rows, channels], zip(twin, residual.doubles).map(+),
        within: tolerance)
      let alone = kernelOutput(rows * channels) { output in
        borrowElements(scale, shift) { scale, shift in
          withGuards(input) {
            ck_layer_norm($0, scale.baseAddress, shift.baseAddress, nil, 1e-5, rows, channels, output)
          }
        }
      }
      #expect(relativeError(alone, twin) <= tolerance)
    }
  }

  @Test(arguments: sizes) func softmax(rows: Int, channels: Int) {
    var random = SeededGenerator(rows + 7 * channels)
    for (range, factor) in [(-3...3, 1), (-3...3, 0.125), (-3000...3000, 1), (-1e30...1e30, 1)]
      as [(ClosedRange<Float>, Float)]
    {
      let input = random.tensor([rows, channels], in: range)
      let result = input.softmax(factor: factor, on: compute)
      // The scaled value is rounded to float32 before the exponential: at 3000 by up to 1.2e-4.
      let expected = input.rows.flatMap { row in
        Naive.softmax(row.map { Double(Float($0) * factor) })
      }
      expectClose(
        result, [rows, channels], expected, within: range.upperBound > 10 ? 3e-4 : 2e-6, "\(range)")
      for row in result.rows {
        let sum: Double = row.reduce(0, +)
        #expect(abs(sum - 1) < 1e-5)
      }
    }
  }

  @Test func eluPlusOne() {
    let points =
      stride(from: -100.0, through: 100, by: 0.0371).map { Float($0) } + [0, -0.0, 1e-30, -1e-30, -1e30]
    let result = Tensor([points.count], values: points).eluPlusOne(on: compute).values
    for (x, y) in zip(points, result) {
      let expected = x > 0 ? Double(x) + 1 : exp(Double(x))
      #expect(abs(Double(y) - expected) <= 3e-7 * expected + 2e-38, "at \(x)")
    }
  }

  @Test func adding() {
    var random = SeededGenerator(3)
    let (left, right) = (random.tensor([70, 1001]), random.tensor([70, 1001]))
    #expect(left.adding(right, on: compute).values == zip(left.values, right.values).map(+))
  }

  @Test func exponentialIsAccurate() {
    let count = 3_000_001
    let step = 175.6 / Double(count - 1)
    let arguments = (1..<count - 1).map { (index: Int) -> Float in Float(-87.3 + step * Double(index)) }
      .filter { $0 > -87.3 && $0 < 88.3 }
    let result = kernelOutput(arguments.count) { output in
      arguments.withUnsafeBufferPointer {
        if let base = $0.baseAddress { output.update(from: base, count: $0.count) }
      }
      ck_exp(output, arguments.count)
    }
    var worst = 0.0
    for (x, y) in zip(arguments, result) { worst = max(worst, abs(Double(y) / exp(Double(x)) - 1)) }
    #expect(worst < 2e-7)
  }

  @Test func exponentialSaturates() {
    let arguments: [Float] = [-.infinity, .nan, -1e30, -88, 89, 1e30, .infinity, 0]
    let result = kernelOutput(arguments.count) { output in
      for (index, x) in arguments.enumerated() { output[index] = x }
      ck_exp(output, arguments.count)
    }
    #expect(Array(result[..<4]) == [0, 0, 0, 0])
    #expect(result[4..<7].allSatisfy { $0.isFinite && $0 > 2.1e38 })
    #expect(result[7] == 1)
  }

  @Test(arguments: sizes) func normalizedRows(rows: Int, channels: Int) {
    var random = SeededGenerator(rows + channels)
    let input = random.tensor([rows, channels])
    let result = kernelOutput(rows * channels) { output in
      input.withElements { output.update(from: $0.baseAddress ?? UnsafePointer(output), count: $0.count) }
      // A row of zeros stays one.
      for channel in 0..<channels { output[channel] = 0 }
      ck_normalize_rows(output, 1e-6, rows, channels)
    }
    let expected = input.rows.enumerated().flatMap { index, row in
      let norm = index == 0 ? Double.infinity : sqrt(row.reduce(0) { $0 + $1 * $1 })
      return row.map { $0 / norm }
    }
    #expect(rows == 1 ? result.allSatisfy { $0 == 0 } : relativeError(result, expected) < 2e-6)
  }

  @Test(arguments: sizes) func productsAndWeightedSum(rows: Int, channels: Int) {
    var random = SeededGenerator(rows + 3 * channels)
    let (input, vector) = (random.tensor([rows, channels]), random.tensor([channels]))
    let products = kernelOutput(rows) { output in
      withGuards(input) { input in
        withGuards(vector) { ck_row_products(input, $0, 0.5, rows, channels, output) }
      }
    }
    let expectedProducts = input.rows.map { 0.5 * zip($0, vector.doubles).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(relativeError(products, expectedProducts) < 3e-6)

    let weights = random.tensor([rows])
    let sum = kernelOutput(channels) { output in
      withGuards(input) { input in
        withGuards(weights) { ck_weighted_sum(input, $0, rows, channels, output) }
      }
    }
    let expectedSum = (0..<channels).map { channel in
      input.rows.enumerated().reduce(0) { $0 + weights.doubles[$1.offset] * $1.element[channel] }
    }
    #expect(relativeError(sum, expectedSum) < 3e-6)
  }

  @Test(arguments: [(1, 1, 2, 1), (7, 3, 8, 2), (5, 4, 24, 12), (2, 2, 5, 2)])
  func rotation(rows: Int, heads: Int, channels: Int, frequencies: Int) {
    var random = SeededGenerator(channels)
    let input = random.tensor([rows, heads * channels])
    let angles = random.tensor([rows, frequencies], in: -7...7)
    let (cosines, sines) = (
      Tensor(angles.shape, values: angles.values.map(cosf)),
      Tensor(angles.shape, values: angles.values.map(sinf))
    )
    let result = kernelOutput(input.count) { output in
      input.withElements { output.update(from: $0.baseAddress ?? UnsafePointer(output), count: $0.count) }
      withGuards(cosines) { cosines in
        withGuards(sines) { ck_rotate(output, cosines, $0, rows, heads, channels, frequencies) }
      }
    }
    var expected = input.doubles
    for row in 0..<rows {
      for head in 0..<heads {
        for k in 0..<frequencies {
          let angle = angles.doubles[row * frequencies + k]
          let first = (row * heads + head) * channels + k
          let (a, b) = (input.doubles[first], input.doubles[first + frequencies])
          expected[first] = a * cos(angle) - b * sin(angle)
          expected[first + frequencies] = a * sin(angle) + b * cos(angle)
        }
      }
    }
    #expect(relativeError(result, expected) < 1e-6)
  }
}
