// The packed product of every instruction set that this CPU has, against sums in double precision: shapes around
// the sizes of tiles and panels, both operands transposed or not, everything that is fused into it.

import CKernels
import Testing
import TestSupport

@testable import Tensor

@Suite struct ProductTests {
  static let sets = InstructionSet.allCases.filter(\.isAvailable)
  static let activations = [Activation.none, .relu, .leakyReLU]

  @Test func thisCPURunsThePortableAndTheWidestSet() {
    #expect(Self.sets.contains(.portable) && Self.sets.contains(.widest))
    #expect(Self.sets.last == .widest)
  }

  @Test(arguments: sets) func againstTwin(set: InstructionSet) {
    var random = SeededGenerator(1)
    for turn in 0..<120 {
      // One in four has a tall tile's worth of rows, or several panels of columns.
      let rows = Int.random(in: turn % 4 == 0 ? 13...40 : 1...13, using: &random)
      let columns = Int.random(in: turn % 4 == 1 ? 33...130 : 1...49, using: &random)
      let all = Int.random(in: 1...70, using: &random)
      let range = Bool.random(using: &random) ? 0..<all : all / 3..<all
      let example = Example(
        rows: rows, columns: columns, inner: all, range: range,
        leftTransposed: .random(using: &random), rightTransposed: .random(using: &random), using: &random)
      let scale: Float = turn % 2 == 0 ? 1 : 0.375
      let activation = Self.activations[turn % 3]
      let bias = Bool.random(using: &random) ? random.tensor([columns]) : nil
      let residual = Bool.random(using: &random) ? random.tensor([rows, columns + 3]) : nil
      let packed = example.packed(set)
      let values = kernelOutput(rows * (columns + 3)) { result in
        withGuards(example.left) { left in
          borrowElements(bias) { bias in
            borrowElements(residual) { residual in
              packed.multiply(
                rows: rows, left: example.leftView(left), innerRange: range, scale: scale, bias: bias,
                residual: residual, activation: activation, result: result, resultStride: columns + 3)
            }
          }
        }
      }
      var expected = example.sums.map { $0 * Double(scale) }
      for index in expected.indices {
        expected[index] += bias?.doubles[index % columns] ?? 0
        expected[index] += residual?.doubles[index / columns * (columns + 3) + index % columns] ?? 0
      }
      example.expect(values, Naive.activate(expected, activation), "\(set) \(example)")
    }
  }

  /// A row's bits depend neither on the rows beside it nor on the columns beyond it.
  @Test(arguments: sets) func bitsOfARowAreItsOwn(set: InstructionSet) {
    var random = SeededGenerator(2)
    for (rows, columns) in [(29, 37), (14, 96), (25, 5)] {
      let example = Example(
        rows: rows, columns: columns, inner: 57, range: 0..<57, leftTransposed: false,
        rightTransposed: true, using: &random)
      let packed = example.packed(set)
      func product(_ range: Range<Int>) -> [UInt32] {
        let values = kernelOutput(range.count * columns) { result in
          example.left.withElements { left in
            guard let left = left.baseAddress else { return }
            packed.multiply(
              rows: range.count, left: MatrixView(left + range.lowerBound * 57, stride: 57), scale: 0.3,
              result: result, resultStride: columns)
          }
        }
        return values.map(\.bitPattern)
      }
      let whole = product(0..<rows)
      for piece in 1...rows {
        let parts = stride(from: 0, to: rows, by: piece).flatMap { product($0..<min(rows, $0 + piece)) }
        #expect(parts == whole, "pieces of \(piece) rows")
      }
    }
  }

  /// Products of unpacked operands, beyond the size of a block both ways.
  @Test(arguments: sets) func unpackedOperands(set: InstructionSet) {
    var random = SeededGenerator(3)
    for turn in 0..<16 {
      let example = Example(
        rows: .random(in: 1...9, using: &random), columns: .random(in: 1...300, using: &random),
        inner: .random(in: 1...1200, using: &random), range: nil, leftTransposed: turn % 2 == 0,
        rightTransposed: turn / 2 % 2 == 0, using: &random)
      let stride = example.columns + 3
      let start = random.tensor([example.rows, stride])
      for accumulate in [false, true] {
        let values = kernelOutput(example.rows * stride) { result in
          if accumulate {
            start.withElements {
              result.update(from: $0.baseAddress ?? UnsafePointer(result), count: start.count)
            }
          }
          withGuards(example.left) { left in
            withGuards(example.right) { right in
              packingProduct(
                rows: example.rows, columns: example.columns, inner: example.inner, scale: 0.5,
                left: example.leftView(left), right: example.rightView(right), accumulate: accumulate,
                result: result, resultStride: stride, instructions: set)
            }
          }
        }
        let expected = example.sums.enumerated().map { index, sum in
          let place = index / example.columns * stride + index % example.columns
          return sum / 2 + (accumulate ? start.doubles[place] : 0)
        }
        example.expect(values, expected, untouched: accumulate ? start.values : nil, "\(set) \(example)")
      }
    }
  }

  @Test func referenceProductAgrees() {
    var random = SeededGenerator(4)
    let example = Example(
      rows: 31, columns: 45, inner: 67, range: nil, leftTransposed: true, rightTransposed: false,
      using: &random)
    let values = kernelOutput(31 * 48) { result in
      borrowElements(example.left, example.right) { left, right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        referenceProduct(
          rows: 31, columns: 45, inner: 67, scale: 1, left: example.leftView(left),
          right: example.rightView(right), accumulate: false, result: result, resultStride: 48)
      }
    }
    example.expect(values, example.sums, "OpenBLAS")
  }

  @Test(arguments: sets) func noInnerExtentGivesTheBias(set: InstructionSet) {
    let zero = Tensor([1], values: [.nan])
    let values = zero.withElements { elements in
      kernelOutput(2 * 5) { result in
        guard let base = elements.baseAddress else { return }
        let packed = PackedMatrix(MatrixView(base, stride: 5), inner: 0, columns: 5, instructions: set)
        Tensor([5], values: [1, 2, 3, 4, 5]).withElements {
          packed.multiply(
            rows: 2, left: MatrixView(base, stride: 0), bias: $0.baseAddress, result: result, resultStride: 5)
        }
      }
    }
    #expect(values == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
  }
}

/// Operands of one product. Rows of the result lie three elements further apart than they are long.
private struct Example: CustomStringConvertible {
  let rows, columns, inner: Int
  let range: Range<Int>
  let leftTransposed, rightTransposed: Bool
  let left, right: Tensor

  init(
    rows: Int, columns: Int, inner: Int, range: Range<Int>?, leftTransposed: Bool, rightTransposed: Bool,
    using random: inout SeededGenerator
  ) {
    (self.rows, self.columns, self.inner, self.range) = (rows, columns, inner, range ?? 0..<inner)
    (self.leftTransposed, self.rightTransposed) = (leftTransposed, rightTransposed)
    left = random.tensor(leftTransposed ? [self.range.count, rows] : [rows, self.range.count])
    right = random.tensor(rightTransposed ? [columns, inner] : [inner, columns])
  }

  var description: String {
    "\(rows) x \(columns) x \(inner)[\(range)], transposed \(leftTransposed) \(rightTransposed)"
  }

  func leftView(_ pointer: UnsafePointer<Float>) -> MatrixView {
    MatrixView(pointer, stride: leftTransposed ? rows : range.count, transposed: leftTransposed)
  }

  func rightView(_ pointer: UnsafePointer<Float>) -> MatrixView {
    MatrixView(pointer, stride: rightTransposed ? inner : columns, transposed: rightTransposed)
  }

  func packed(_ set: InstructionSet) -> PackedMatrix {
    withGuards(right) { right in
      PackedMatrix(rightView(right), inner: inner, columns: columns, instructions: set)
    }
  }

  /// [rows, columns]: the product in double precision.
  var sums: [Double] {
    let (a, b) = (left.doubles, right.doubles)
    return (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      return range.enumerated().reduce(0.0) { sum, step in
        sum + a[leftTransposed ? step.offset * rows + row : row * range.count + step.offset]
          * b[rightTransposed ? column * inner + step.element : step.element * columns + column]
      }
    }
  }

  func expect(
    _ values: [Float], _ expected: [Double], untouched: [Float]? = nil, _ text: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    let stride = columns + 3
    let inside = (0..<rows).flatMap { values[$0 * stride..<$0 * stride + columns] }
    let error = relativeError(inside, expected)
    #expect(error <= 3e-6, "\(text)", sourceLocation: location)
    let rest = (0..<rows).flatMap { $0 * stride + columns..<($0 + 1) * stride }
    let isUntouched = rest.allSatisfy { index in
      untouched.map { $0[index] == values[index] } ?? values[index].isNaN
    }
    #expect(isUntouched, "\(text): written between the rows", sourceLocation: location)
  }
}
