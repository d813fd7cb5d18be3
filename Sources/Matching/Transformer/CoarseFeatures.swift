// The transformer's result for one image: what coarse matching compares.

import Backbone
import Tensor

/// Coarse features after attention.
package struct CoarseFeatures: Sendable {
  /// [rows, columns, channels].
  package let map: Tensor
  /// Leading rows whose centres lie in the image; the rest is padding and never matches.
  package let validRows: Int
  /// Leading columns whose centres lie in the image.
  package let validColumns: Int

  /// Rows of the grid, padding included.
  package var rows: Int { map.shape[0] }
  /// Columns of the grid, padding included.
  package var columns: Int { map.shape[1] }
  /// Channels of a cell.
  package var channels: Int { map.shape[2] }

  /// - Parameters:
  ///   - map: [rows, columns, channels].
  ///   - validRows: leading rows whose centres lie in the image.
  ///   - validColumns: leading columns whose centres lie in the image.
  package init(map: Tensor, validRows: Int, validColumns: Int) {
    self.map = map
    self.validRows = validRows
    self.validColumns = validColumns
  }

  /// Grid indices (row-major over the whole grid) of the valid cells.
  var validCells: [Int] {
    (0..<validRows).flatMap { row in (0..<validColumns).map { row * columns + $0 } }
  }

  /// The features of the valid cells, [cells, channels].
  var validTokens: Tensor {
    if validRows == rows && validColumns == columns { return map.reshaped([rows * columns, channels]) }
    return map.gatheredRows(validCells, channels: channels)
  }
}

extension Tensor {
  /// The rows of `channels` elements at these indices, [indices, channels].
  func gatheredRows(_ indices: some Collection<Int>, channels: Int) -> Tensor {
    withElements { source in
      Tensor([indices.count, channels]) { target in
        for (position, index) in indices.enumerated() {
          for channel in 0..<channels {
            target[position * channels + channel] = source[index * channels + channel]
          }
        }
      }
    }
  }
}
