// Random inputs of a fixed seed, comparison with a twin, and C kernels run between guards.

import Tensor
import Testing
import TestSupport

extension SeededGenerator {
  mutating func tensor(_ shape: [Int], in range: ClosedRange<Float> = -2...2) -> Tensor {
    Tensor(shape, values: (0..<Tensor.elementCount(shape)).map { _ in .random(in: range, using: &self) })
  }

  /// Parameters of a batch norm, none of them at its neutral value.
  mutating func batchNorm(_ channels: Int) -> [String: Tensor] {
    [
      "weight": tensor([channels], in: 0.5...1.5), "bias": tensor([channels]),
      "running_mean": tensor([channels]), "running_var": tensor([channels], in: 0.2...3),
    ]
  }
}

/// Threads for tests whose result does not depend on them: more than one, so that pieces are put together.
let compute = Compute(threads: 3)

/// Largest difference, relative to the largest expected value; infinite if there is a NaN or another count.
func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
  guard values.count == expected.count else { return .infinity }
  let scale = expected.reduce(1e-30) { max($0, abs($1)) }
  var worst = 0.0
  for (value, expected) in zip(values, expected) {
    let error = abs(Double(value) - expected) / scale
    guard error.isFinite else { return .infinity }
    worst = max(worst, error)
  }
  return worst
}

/// Expects equality up to rounding in float32.
func expectClose(
  _ result: Tensor, _ shape: [Int], _ expected: [Double], within tolerance: Double = 3e-6,
  _ text: String = "",
  at location: SourceLocation = #_sourceLocation
) {
  #expect(result.shape == shape, "\(text)", sourceLocation: location)
  let error = relativeError(result.values, expected)
  #expect(error <= tolerance, "\(text)", sourceLocation: location)
}

/// Runs a kernel that writes `count` elements into memory full of NaN, and expects that it writes no others.
func kernelOutput(
  _ count: Int, at location: SourceLocation = #_sourceLocation, _ body: (UnsafeMutablePointer<Float>) -> Void
) -> [Float] {
  var memory = [Float](repeating: .nan, count: count + 2 * guardCount)
  memory.withUnsafeMutableBufferPointer { buffer in
    if let base = buffer.baseAddress { body(base + guardCount) }
  }
  let guards = memory[..<guardCount] + memory[(guardCount + count)...]
  let areKept = guards.allSatisfy(\.isNaN)
  #expect(areKept, "written outside of the output", sourceLocation: location)
  return Array(memory[guardCount..<guardCount + count])
}

/// The elements between NaNs, which would show in a result that was read from outside of them.
func withGuards<Result>(_ tensor: Tensor, _ body: (UnsafePointer<Float>) -> Result) -> Result {
  let guards = [Float](repeating: .nan, count: guardCount)
  let memory = Tensor([tensor.count + 2 * guardCount], values: guards + tensor.values + guards)
  return memory.withElements { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("guards are never empty") }
    return body(base + guardCount)
  }
}

private let guardCount = 64

/// Parameters below one scope each: `["conv": ["weight": ...]]` makes `conv.weight`.
func parameters(_ groups: [String: [String: Tensor]]) -> Parameters {
  var tensors: [String: Tensor] = [:]
  for (scope, group) in groups {
    for (name, tensor) in group { tensors["\(scope).\(name)"] = tensor }
  }
  return Parameters(tensors)
}
