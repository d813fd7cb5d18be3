// Dual-softmax statistics gathered tile by tile, against the whole matrix.

import CKernels
import Glibc
import Tensor
import Testing
import TestSupport

@Suite struct DualSoftmaxTests {
  /// Height and width of the matrix and of its tiles, which seldom divide it.
  static let tilings = [
    (1, 1, 1, 1), (5, 7, 2, 3), (7, 130, 3, 64), (130, 9, 64, 9), (33, 67, 33, 67), (40, 200, 16, 65),
    (3, 64, 1, 63),
  ]

  @Test(arguments: tilings, [1, 40, 3000] as [Float])
  func logSumExp(tiling: (Int, Int, Int, Int), magnitude: Float) {
    let (rows, columns, _, _) = tiling
    var random = SeededGenerator(rows * columns)
    let matrix = random.tensor([rows, columns], in: -magnitude...magnitude)
    var (rowMaximum, rowSum) = (
      [Float](repeating: -.infinity, count: rows), [Float](repeating: 0, count: rows)
    )
    var columnMaximum = [Float](repeating: -.infinity, count: columns)
    var columnSum = [Float](repeating: 0, count: columns)
    forEachTile(of: matrix, tiling) { tile, top, left, height, width in
      withGuards(tile) { tile in
        withParts(&rowMaximum, &rowSum, top) { rowMaximum, rowSum in
          withParts(&columnMaximum, &columnSum, left) { columnMaximum, columnSum in
            ck_accumulate_log_sum_exp(tile, height, width, rowMaximum, rowSum, columnMaximum, columnSum)
          }
        }
      }
    }
    let values = matrix.rows
    for row in 0..<rows {
      check(rowMaximum[row], rowSum[row], values[row])
    }
    for column in 0..<columns {
      check(columnMaximum[column], columnSum[column], values.map { $0[column] })
    }
  }

  @Test(arguments: tilings) func bestPartners(tiling: (Int, Int, Int, Int)) {
    let (rows, columns, _, _) = tiling
    var random = SeededGenerator(rows + columns)
    // Few distinct whole values: every sum is exact and ties are everywhere.
    func whole(_ shape: [Int], _ random: inout SeededGenerator) -> Tensor {
      Tensor(
        shape,
        values: (0..<Tensor.elementCount(shape)).map { _ in Float(Int.random(in: -3...3, using: &random)) })
    }
    let matrix = whole([rows, columns], &random)
    let (rowTerm, columnTerm) = (whole([rows], &random).values, whole([columns], &random).values)
    var rowBest = [Float](repeating: -.infinity, count: rows)
    var rowPartner = [Int32](repeating: -1, count: rows)
    var columnBest = [Float](repeating: -.infinity, count: columns)
    var columnPartner = [Int32](repeating: -1, count: columns)
    forEachTile(of: matrix, tiling) { tile, top, left, height, width in
      withGuards(tile) { tile in
        withParts(&rowBest, &rowPartner, top) { rowBest, rowPartner in
          withParts(&columnBest, &columnPartner, left) { columnBest, columnPartner in
            ck_accumulate_best(
              tile, height, width, Array(rowTerm[top...]), Array(columnTerm[left...]), Int32(top),
              Int32(left),
              rowBest, rowPartner, columnBest, columnPartner)
          }
        }
      }
    }
    let values = matrix.values
    func probability(_ row: Int, _ column: Int) -> Float {
      2 * values[row * columns + column] + rowTerm[row] + columnTerm[column]
    }
    for row in 0..<rows {
      let all = (0..<columns).map { probability(row, $0) }
      let best = all.max() ?? .nan
      #expect(rowBest[row] == best)
      #expect(rowPartner[row] == all.firstIndex(of: best).map { Int32($0) })
    }
    for column in 0..<columns {
      let all = (0..<rows).map { probability($0, column) }
      let best = all.max() ?? .nan
      #expect(columnBest[column] == best)
      #expect(columnPartner[column] == all.firstIndex(of: best).map { Int32($0) })
    }
  }

  @Test func bestPartnersOfRealValues() {
    // Not exact: the search for the partner must find the very value that the maximum came from.
    let (rows, columns) = (61, 203)
    var random = SeededGenerator(8)
    let matrix = random.tensor([rows, columns], in: -20...20)
    let (rowTerm, columnTerm) = (random.tensor([rows], in: -30...0), random.tensor([columns], in: -30...0))
    var (rowBest, rowPartner) = (
      [Float](repeating: -.infinity, count: rows), [Int32](repeating: -1, count: rows)
    )
    var columnBest = [Float](repeating: -.infinity, count: columns)
    var columnPartner = [Int32](repeating: -1, count: columns)
    withGuards(matrix) {
      ck_accumulate_best(
        $0, rows, columns, rowTerm.values, columnTerm.values, 0, 0, &rowBest, &rowPartner, &columnBest,
        &columnPartner)
    }
    let values = matrix.rows
    for row in 0..<rows {
      let all = (0..<columns).map { 2 * values[row][$0] + rowTerm.doubles[row] + columnTerm.doubles[$0] }
      #expect(Int(rowPartner[row]) == all.firstIndex(of: all.max() ?? .nan))
      #expect(abs(Double(rowBest[row]) - (all.max() ?? .nan)) < 1e-5)
    }
    for column in 0..<columns {
      let all = (0..<rows).map { 2 * values[$0][column] + rowTerm.doubles[$0] + columnTerm.doubles[column] }
      #expect(Int(columnPartner[column]) == all.firstIndex(of: all.max() ?? .nan))
    }
  }

  @Test(arguments: [(1, 1), (3, 63), (5, 64), (7, 129), (40, 300)])
  func entriesAboveBothBounds(rows: Int, columns: Int) {
    var random = SeededGenerator(rows * columns)
    let matrix = random.tensor([rows, columns], in: 0...1)
    // Bounds that many entries reach exactly.
    let values = matrix.values
    let rowBound = (0..<rows).map { values[$0 * columns + ($0 * 7) % columns] }
    let columnBound = (0..<columns).map { values[($0 * 5) % rows * columns + $0] }
    var expected: [(Int32, Int32, Float)] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let value = values[row * columns + column]
        guard value >= rowBound[row], value >= columnBound[column] else { continue }
        expected.append((Int32(10 + row), Int32(20 + column), value))
      }
    }
    for capacity in [0, 1, expected.count, rows * columns] {
      var entries = [ck_entry](repeating: ck_entry(row: -1, column: -1, similarity: 0), count: capacity + 1)
      let count = withGuards(matrix) {
        ck_collect_entries($0, rows, columns, rowBound, columnBound, 10, 20, &entries, capacity)
      }
      #expect(count == min(capacity, expected.count))
      #expect(entries[count].row == -1, "written beyond the capacity")
      for (entry, wanted) in zip(entries.prefix(count), expected) {
        #expect(entry.row == wanted.0 && entry.column == wanted.1 && entry.similarity == wanted.2)
      }
    }
  }

  private func check(_ maximum: Float, _ sum: Float, _ values: [Double]) {
    let largest = values.max() ?? .nan
    let expected = values.reduce(0) { $0 + exp($1 - largest) }
    #expect(Double(maximum) == largest)
    #expect(abs(Double(sum) - expected) < 3e-6 * expected)
  }

  private func forEachTile(
    of matrix: Tensor, _ tiling: (Int, Int, Int, Int), _ body: (Tensor, Int, Int, Int, Int) -> Void
  ) {
    let (rows, columns, tileRows, tileColumns) = tiling
    let values = matrix.values
    for top in stride(from: 0, to: rows, by: tileRows) {
      for left in stride(from: 0, to: columns, by: tileColumns) {
        let (height, width) = (min(tileRows, rows - top), min(tileColumns, columns - left))
        let tile = (top..<top + height).flatMap { values[$0 * columns + left..<$0 * columns + left + width] }
        body(Tensor([height, width], values: tile), top, left, height, width)
      }
    }
  }

  /// Two arrays from `first` on.
  private func withParts<A, B>(
    _ a: inout [A], _ b: inout [B], _ first: Int,
    _ body: (UnsafeMutablePointer<A>, UnsafeMutablePointer<B>) -> Void
  ) {
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeMutableBufferPointer { b in
        if let a = a.baseAddress, let b = b.baseAddress { body(a + first, b + first) }
      }
    }
  }
}
