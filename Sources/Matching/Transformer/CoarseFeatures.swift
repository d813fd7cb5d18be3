// The transformer's output for one image, the input of coarse matching.

import Backbone
import Tensor

package struct CoarseFeatures: Sendable {
  /// [rows, columns, channels].
  package let map: Tensor
  /// Leading rows and columns whose centres lie in the image; the rest is padding and never matches.
  package let validRows: Int
  package let validColumns: Int

  /// Including padding.
  package var rows: Int { map.shape[0] }
  package var columns: Int { map.shape[1] }
  package var channels: Int { map.shape[2] }

  /// Row-major indices, over the whole grid, of the valid cells.
  var validCells: [Int] {
    (0..<validRows).flatMap { row in (0..<validColumns).map { row * columns + $0 } }
  }

  /// [cells, channels].
  var validTokens: Tensor {
    if validRows == rows && validColumns == columns { return map.reshaped([rows * columns, channels]) }
    return map.gatheredRows(validCells, channels: channels)
  }
}

extension Tensor {
  /// The rows (of `channels` elements) at these indices, [indices, channels].
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
