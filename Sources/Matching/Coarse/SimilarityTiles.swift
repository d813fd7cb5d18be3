// The similarity matrix S(i, j) = scale <first(i), second(j)> of two sets of descriptors, never stored: tiles of it are
// computed when needed, small enough for the second cache level.
//
// Rows are split into fixed groups, the unit of parallel work, so that sums over the tiles of a group do not depend on
// the number of threads.

import Tensor

struct SimilarityTiles {
  static let tileRows = 96
  static let tileColumns = 512
  /// Limits the memory kept per group and column.
  private static let mostGroups = 32

  /// [rows, channels].
  private let first: Tensor
  /// The second set, transposed: [channels, tileColumns] each.
  private let blocks: [PackedMatrix]
  private let scale: Float

  let rows: Int
  let columns: Int
  private let channels: Int
  /// Ranges of rows, whole tiles except the last.
  let groups: [Range<Int>]

  /// first [rows, channels], second [columns, channels].
  init(_ first: Tensor, _ second: Tensor, scale: Float) {
    let (rows, columns, channels) = (first.shape[0], second.shape[0], first.shape[1])
    (self.rows, self.columns, self.channels) = (rows, columns, channels)
    self.first = first
    self.scale = scale
    let tiles = (rows + Self.tileRows - 1) / Self.tileRows
    let rowsPerGroup = max(1, (tiles + Self.mostGroups - 1) / Self.mostGroups) * Self.tileRows
    groups = stride(from: 0, to: rows, by: rowsPerGroup).map { $0..<min(rows, $0 + rowsPerGroup) }
    blocks = second.withElements { second in
      guard let second = second.baseAddress else { return [] }
      return stride(from: 0, to: columns, by: Self.tileColumns).map { column in
        PackedMatrix(
          MatrixView(second + column * channels, stride: channels, transposed: true), inner: channels,
          columns: min(Self.tileColumns, columns - column))
      }
    }
  }

  /// Calls `body` with every tile (row-major, contiguous); groups in parallel, the tiles of a group in order.
  func forEach(
    on compute: Compute,
    _ body: (_ group: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ tile: UnsafePointer<Float>) -> Void
  ) {
    first.withElements { first in
      guard let first = first.baseAddress else { return }
      compute.parallelFor(groups.count, grain: 1) { piece in
        let bytes = Self.tileRows * Self.tileColumns * MemoryLayout<Float>.stride
        withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
          guard let tile = scratch.bindMemory(to: Float.self).baseAddress else { return }
          for group in piece {
            for row in stride(from: groups[group].lowerBound, to: groups[group].upperBound, by: Self.tileRows)
            {
              let rowRange = row..<min(groups[group].upperBound, row + Self.tileRows)
              for (index, block) in blocks.enumerated() {
                let column = index * Self.tileColumns
                block.multiply(
                  rows: rowRange.count, left: MatrixView(first + row * channels, stride: channels),
                  scale: scale,
                  result: tile, resultStride: block.columns)
                body(group, rowRange, column..<column + block.columns, tile)
              }
            }
          }
        }
      }
    }
  }
}
