// The parallel loop, and the tensor type itself.

import Dispatch
import Glibc
import Tensor
import Testing
import TestSupport

@Suite struct ComputeTests {
  @Test(arguments: [1, 2, 3, 8], [1, 3, 64, 1001]) func everyIndexOnce(threads: Int, grain: Int) {
    for count in [0, 1, 2, 7, 63, 64, 65, 1000, 1001, 4097] {
      // Counts of visits; pieces are disjoint, so no two threads write one element.
      let visits = Tensor([count]) { visits in
        visits.update(repeating: 0)
        let elements = SharedElements(elements: visits)
        Compute(threads: threads).parallelFor(count, grain: grain) { piece in
          let isLast = piece.upperBound == count
          for index in piece {
            let isWhole = piece.lowerBound % grain == 0 && (isLast || piece.count == grain)
            elements.elements[index] += isWhole ? 1 : 100
          }
        }
      }
      #expect(visits.values.allSatisfy { $0 == 1 }, "\(count) items")
    }
  }

  @Test func loopsAtOnceAndWithinEachOther() {
    let compute = Compute(threads: 3)
    // Three threads run loops of the same workers, whose pieces run loops again; pauses let workers fall asleep.
    let (callers, rounds, outer, inner) = (3, 20, 8, 50)
    let visits = Tensor([callers * outer * inner]) { visits in
      visits.update(repeating: 0)
      let elements = SharedElements(elements: visits)
      DispatchQueue.concurrentPerform(iterations: callers) { caller in
        for round in 0..<rounds {
          if round % 5 == 0 { usleep(2000) }
          compute.parallelFor(outer, grain: 1) { piece in
            compute.parallelFor(inner, grain: 7) { innerPiece in
              for index in innerPiece {
                elements.elements[(caller * outer + piece.lowerBound) * inner + index] += 1
              }
            }
          }
        }
      }
    }
    #expect(visits.values.allSatisfy { $0 == Float(rounds) })
  }

  @Test func manyShortLoops() {
    for threads in [2, 4, 16] {
      let compute = Compute(threads: threads)
      let sum = Tensor([threads]) { sums in
        sums.update(repeating: 0)
        let elements = SharedElements(elements: sums)
        for _ in 0..<2000 {
          compute.parallelFor(threads, grain: 1) { elements.elements[$0.lowerBound] += 1 }
        }
      }
      #expect(sum.values == [Float](repeating: 2000, count: threads))
    }
  }

  @Test func threadsAreAtLeastOne() {
    #expect(Compute(threads: 0).threads == 1)
    #expect(Compute(threads: -3).threads == 1)
    #expect(Compute(threads: 5).threads == 5)
    #expect(Compute().threads >= 1)
  }

  @Test func tensorKeepsOrderThroughReshaping() {
    let tensor = Tensor([2, 3], values: [1, 2, 3, 4, 5, 6])
    #expect(tensor.reshaped([3, 2, 1]).values == tensor.values)
    #expect(tensor.reshaped([3, 2, 1]).shape == [3, 2, 1])
    #expect(Tensor([], values: [7]).count == 1)
    #expect(Tensor([3, 0], values: []).count == 0)
    #expect(Tensor([2, 2], repeating: 4).values == [4, 4, 4, 4])
    tensor.withElements { #expect(UInt(bitPattern: $0.baseAddress) % 64 == 0) }
  }

  @Test(arguments: [false, true], [false, true]) func matrixProducts(left: Bool, right: Bool) {
    var random = SeededGenerator(6)
    let (rows, columns, inner) = (5, 7, 11)
    let a = random.tensor(left ? [inner, rows] : [rows, inner])
    let b = random.tensor(right ? [columns, inner] : [inner, columns])
    let start = random.tensor([rows, columns])
    for accumulate in [false, true] {
      // The result lies in wider rows, whose rest stays as it is.
      let stride = columns + 2
      let result = kernelOutput(rows * stride) { result in
        for index in 0..<rows * columns {
          result[index / columns * stride + index % columns] = start.values[index]
        }
        withGuards(a) { a in
          withGuards(b) { b in
            matrixProduct(
              rows: rows, columns: columns, inner: inner, scale: 0.5,
              left: MatrixView(a, stride: left ? rows : inner, transposed: left),
              right: MatrixView(b, stride: right ? inner : columns, transposed: right),
              accumulate: accumulate,
              result: result, resultStride: stride)
          }
        }
      }
      for row in 0..<rows {
        for column in 0..<columns {
          let sum = (0..<inner).reduce(0.0) {
            $0 + a.doubles[left ? $1 * rows + row : row * inner + $1]
              * b.doubles[right ? column * inner + $1 : $1 * columns + column]
          }
          let expected = sum / 2 + (accumulate ? start.doubles[row * columns + column] : 0)
          #expect(abs(Double(result[row * stride + column]) - expected) < 1e-5)
        }
        #expect(result[row * stride + columns].isNaN && result[row * stride + columns + 1].isNaN)
      }
    }
  }
}

/// Elements that the pieces of a parallel loop write each for itself.
private struct SharedElements: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Float>
}
