// Maps built a tile of whole rows at a time: intermediate maps at 1/2 would otherwise be the largest tensors of all.
//
// A tile's input extends `halo` rows beyond it, as far as its convolutions see. Rows at the cut, which meet zeros
// that are not the map's edge, are dropped.

import Tensor

struct RowTiles: Sendable {
  /// Input rows beyond the tile on each side: one for every 3x3 convolution.
  let halo: Int
  /// Target size of a tile of the widest intermediate map.
  var bytes = 24 << 20
  /// With fewer rows, the halo would cost too much.
  var leastRows = 64

  /// The map [height, width, channels] whose tiles `tile` computes from a range of input rows.
  ///
  /// - Parameter widest: channels of the widest intermediate map.
  func assemble(
    height: Int, width: Int, channels: Int, widest: Int, on compute: Compute,
    _ tile: (_ rows: Range<Int>) -> Tensor
  ) -> Tensor {
    let rowBytes = max(1, width * widest * MemoryLayout<Float>.stride)
    let most = max(leastRows, bytes / rowBytes)
    guard height > most else { return tile(0..<height) }
    let count = (height + most - 1) / most
    let rows = (height + count - 1) / count
    let rowLength = width * channels
    return Tensor([height, width, channels]) { output in
      guard let output = output.baseAddress else { return }
      for first in stride(from: 0, to: height, by: rows) {
        let last = min(height, first + rows)
        let input = max(0, first - halo)..<min(height, last + halo)
        let part = tile(input).rows(first - input.lowerBound..<last - input.lowerBound)
        borrowElements(part) { part in
          guard let part else { return }
          compute.parallelFor(last - first, grain: 8) { piece in
            (output + (first + piece.lowerBound) * rowLength).update(
              from: part + piece.lowerBound * rowLength, count: piece.count * rowLength)
          }
        }
      }
    }
  }
}
