// The running softmax of attention against the softmax over all columns at once.

import CKernels
import Glibc
import Tensor
import Testing
import TestSupport

@Suite struct AttentionKernelTests {
  /// Rows, columns, columns of a block, channels, channels from one accumulated row to the next.
  @Test(
    arguments: [(1, 1, 1, 1, 1), (3, 130, 64, 5, 9), (7, 200, 63, 8, 8), (4, 65, 200, 3, 4)],
    [1, 60] as [Float])
  func runningSoftmax(extents: (Int, Int, Int, Int, Int), magnitude: Float) {
    let (rows, columns, block, channels, stride) = extents
    var random = SeededGenerator(rows * columns)
    let matrix = random.tensor([rows, columns], in: -magnitude...magnitude)
    let values = random.tensor([columns, channels])
    var (maximum, sum) = ([Float](repeating: -.infinity, count: rows), [Float](repeating: 0, count: rows))
    let count = (rows - 1) * stride + channels
    let (scoreRows, valueRows) = (matrix.rows, values.rows)
    let output = kernelOutput(count) { output in
      for first in Swift.stride(from: 0, to: columns, by: block) {
        let width = min(block, columns - first)
        var scores = (0..<rows).flatMap { matrix.values[$0 * columns + first..<$0 * columns + first + width] }
        ck_softmax_block(&scores, rows, width, &maximum, &sum, output, stride, channels)
        for row in 0..<rows {
          for channel in 0..<channels {
            var added: Float = first == 0 ? 0 : output[row * stride + channel]
            for column in 0..<width {
              added += scores[row * width + column] * values.values[(first + column) * channels + channel]
            }
            output[row * stride + channel] = added
          }
        }
      }
      ck_divide_rows(output, stride, sum, rows, channels)
    }
    for row in 0..<rows {
      let scores = scoreRows[row]
      let largest = scores.max() ?? .nan
      let weights = scores.map { exp($0 - largest) }
      let total = weights.reduce(0, +)
      #expect(Double(maximum[row]) == largest)
      #expect(abs(Double(sum[row]) - total) < 3e-6 * total)
      for channel in 0..<stride where row * stride + channel < count {
        let value = output[row * stride + channel]
        guard channel < channels else {
          #expect(value.isNaN, "written between the rows")
          continue
        }
        let expected = (0..<columns).reduce(0.0) { $0 + weights[$1] / total * valueRows[$1][channel] }
        #expect(abs(Double(value) - expected) < 1e-5)
      }
    }
  }
}
