// The dual-softmax's partners from one pass over the similarities, against those of two passes and against the
// stored matrix.

import Glibc
import Tensor
import Testing
import TestSupport

@testable import Matching

@Suite struct DualSoftmaxPassTests {
  static let compute = Compute(threads: 3)
  /// Rows and columns: below, at and beyond a tile's extents, and beyond one tile a group.
  static let extents = [(1, 1), (3, 700), (700, 3), (96, 512), (97, 513), (200, 1100), (3300, 60)]

  @Test(arguments: extents, [0.01, 0.1, 0.5] as [Float])
  func onePassFindsWhatTwoFind(extents: (Int, Int), threshold: Float) throws {
    let (rows, columns) = extents
    let pair = DescriptorPair(rows: rows, columns: columns, channels: 8, seed: UInt64(rows))
    let softmax = DualSoftmax(scale: 2)
    let all = softmax.partners(pair.first, pair.second, on: Self.compute)
    let some = softmax.partners(pair.first, pair.second, atLeast: threshold, on: Self.compute)
    expectSame(all, some, threshold)
    if min(rows, columns) > 50 && threshold < 0.1 { #expect(some.column.count { $0 >= 0 } > 20) }
  }

  @Test(arguments: [0.02, 0.2] as [Float])
  func weightsCount(threshold: Float) {
    let pair = DescriptorPair(rows: 300, columns: 900, channels: 8, seed: 5)
    var random = SeededGenerator(6)
    let weight0 = (0..<300).map { _ in -3 * random.unit() }
    let weight1 = (0..<900).map { _ in -3 * random.unit() }
    let softmax = DualSoftmax(scale: 2)
    let all = softmax.partners(
      pair.first, pair.second, logWeight0: weight0, logWeight1: weight1, on: Self.compute)
    let some = softmax.partners(
      pair.first, pair.second, logWeight0: weight0, logWeight1: weight1, atLeast: threshold, on: Self.compute)
    expectSame(all, some, threshold)
    let matrix = softmax.matrix(
      pair.first, pair.second, logWeight0: weight0, logWeight1: weight1, on: Self.compute
    ).values
    for row in 0..<300 {
      let values = matrix[row * 900..<(row + 1) * 900]
      let best = values.indices.max { values[$0] < values[$1] } ?? 0
      guard values[best] > threshold * 1.01 else { continue }
      #expect(Int(some.column[row]) == best - row * 900)
    }
  }

  @Test func equalPairsTieToTheEarlier() {
    // Every descriptor occurs three times on either side.
    let pair = DescriptorPair(rows: 40, columns: 40, channels: 8, seed: 9)
    let repeated = [pair.first, pair.second].map { descriptors in
      Tensor([120, 8], values: descriptors.values + descriptors.values + descriptors.values)
    }
    let softmax = DualSoftmax(scale: 2)
    let all = softmax.partners(repeated[0], repeated[1], on: Self.compute)
    let some = softmax.partners(repeated[0], repeated[1], atLeast: 0.02, on: Self.compute)
    expectSame(all, some, 0.02)
    #expect(some.column.contains { $0 >= 0 })
    #expect(some.column.allSatisfy { $0 < 40 })
  }

  @Test func candidatesAreForgottenOnTheWay() {
    // Similarities rise from tile to tile, so that each tile brings every row a candidate that the next one's dwarf:
    // more than may be kept when the last tile brings the partners, whose share is not much above the threshold.
    let (rows, tiles, threshold) = (SimilarityTiles.tileRows, 7, Float(0.5))
    let columns = tiles * SimilarityTiles.tileColumns
    let channels = rows + 1
    var (first, second) = (
      [Float](repeating: 0, count: rows * channels), [Float](repeating: 0, count: columns * channels)
    )
    for row in 0..<rows {
      first[row * channels + row] = 1
      first[row * channels + rows] = 1
    }
    for column in 0..<columns {
      let (tile, place) = (column / SimilarityTiles.tileColumns, column % SimilarityTiles.tileColumns)
      second[column * channels + rows] = Float(20 * tile) + (tile < tiles - 1 && place == 5 ? 10 : 0)
      if tile == tiles - 1 && place < rows { second[column * channels + place] = 7 }
    }
    let pair = (Tensor([rows, channels], values: first), Tensor([columns, channels], values: second))
    let softmax = DualSoftmax(scale: 1)
    let all = softmax.partners(pair.0, pair.1, on: Self.compute)
    let some = softmax.partners(pair.0, pair.1, atLeast: threshold, on: Self.compute)
    expectSame(all, some, threshold)
    #expect(some.column.allSatisfy { $0 >= 0 })
  }

  @Test func whatIsNotANumberHasNoPartner() {
    let pair = DescriptorPair(rows: 130, columns: 140, channels: 8, seed: 11)
    var values = pair.first.values
    for channel in 0..<8 { values[50 * 8 + channel] = .nan }
    let partners = DualSoftmax(scale: 2).partners(
      Tensor([130, 8], values: values), pair.second, atLeast: 0.1, on: Self.compute)
    #expect(partners.column[50] == -1)
    #expect(!partners.row.contains(50))
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() {
    let pair = DescriptorPair(rows: 1000, columns: 1500, channels: 8, seed: 12)
    let results = [1, 2, 4].map {
      DualSoftmax(scale: 2).partners(pair.first, pair.second, atLeast: 0.05, on: Compute(threads: $0))
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  /// Rows and columns whose partner's P is above the threshold agree in all bits; others have none in `some`.
  private func expectSame(_ all: DualSoftmax.Partners, _ some: DualSoftmax.Partners, _ threshold: Float) {
    let least = logf(threshold)
    var differences = 0
    for row in all.column.indices {
      if all.logScore[row] > least {
        if some.column[row] != all.column[row] || some.logScore[row] != all.logScore[row] { differences += 1 }
        // The column's own partner matters where it is at least as good.
        let column = Int(all.column[row])
        if some.row[column] != all.row[column] { differences += 1 }
      } else if all.logScore[row] < least - 0.01, some.column[row] != -1 {
        differences += 1
      }
    }
    #expect(differences == 0)
  }
}

/// Descriptors of which many of the second set are near one of the first.
private struct DescriptorPair {
  let first: Tensor
  let second: Tensor

  init(rows: Int, columns: Int, channels: Int, seed: UInt64) {
    var random = SeededGenerator(seed)
    let values = (0..<rows * channels).map { _ in 2 * random.unit() - 1 }
    first = Tensor([rows, channels], values: values)
    var other: [Float] = []
    for _ in 0..<columns {
      let row = Int(random.unit() * Float(rows)) % rows
      for channel in 0..<channels {
        other.append(values[row * channels + channel] + 0.2 * (random.unit() - 0.5))
      }
    }
    second = Tensor([columns, channels], values: other)
  }
}

extension SeededGenerator {
  /// From 0 to 1.
  mutating func unit() -> Float { .random(in: 0..<1, using: &self) }
}
