// Maps that are built some rows at a time: between two convolutions at 1/2, a strip stays small where whole maps would
// be the largest tensors of all.
//
// A strip's input reaches `halo` rows beyond it, as far as its convolutions see. Rows at the cut, which meet zeros that
// are not the map's edge, are dropped.

import Tensor

/// How many rows a strip has.
struct Strips: Sendable {
  /// Rows of the input beyond the strip, each way: one for every 3x3 convolution.
  let halo: Int
  /// A strip of the widest map between input and result takes about this many bytes.
  var bytes = 24 << 20
  /// Fewer rows would be lost to the halo.
  var leastRows = 64

  /// The map [height, width, channels] whose rows are those of `strip`, which maps a range of input rows to as many
  /// rows of the result.
  ///
  /// - Parameter widest: channels of the widest map that `strip` holds.
  func assemble(
    height: Int, width: Int, channels: Int, widest: Int, on compute: Compute,
    _ strip: (_ rows: Range<Int>) -> Tensor
  ) -> Tensor {
    let rowBytes = max(1, width * widest * MemoryLayout<Float>.stride)
    let most = max(leastRows, bytes / rowBytes)
    guard height > most else { return strip(0..<height) }
    let count = (height + most - 1) / most
    let rows = (height + count - 1) / count
    let rowLength = width * channels
    return Tensor([height, width, channels]) { output in
      guard let output = output.baseAddress else { return }
      for first in stride(from: 0, to: height, by: rows) {
        let last = min(height, first + rows)
        let input = max(0, first - halo)..<min(height, last + halo)
        let part = strip(input).rows(first - input.lowerBound..<last - input.lowerBound)
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
