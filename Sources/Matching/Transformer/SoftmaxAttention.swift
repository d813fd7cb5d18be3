// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), a tile of queries against a block of keys at a
// time with a running softmax, as in FlashAttention (Dao et al. 2022): a tile of scores stays in the cache, and the
// full score matrix is never stored.

import CKernels
import Tensor

private let tileQueries = 48
/// With a tile's queries, 228 KB of scores; all keys of 640x480 pixels fit in one block.
private let blockKeys = 1216

/// queries [sequences, tokens, channels], keys and values [sequences, keys, channels] ->
/// [sequences, tokens, channels], head by head.
func softmaxAttention(
  queries: Tensor, keys: Tensor, values: Tensor, heads: Int, on compute: Compute
) -> Tensor {
  let (sequences, tokens, channels) = (queries.shape[0], queries.shape[1], queries.shape[2])
  let keyCount = keys.shape[1]
  let width = channels / heads
  compute.count(multiplyAdds: 2 * sequences * tokens * keyCount * channels)
  let packed = KeyValueBlocks(keys, values, heads: heads, on: compute)
  let tiles = (tokens + tileQueries - 1) / tileQueries
  return Tensor([sequences, tokens, channels]) { output in
    borrowElements(queries) { queries in
      guard let queries, let output = output.baseAddress else { return }
      compute.parallelFor(sequences * heads * tiles, grain: 1) { piece in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: tileQueries * (blockKeys + 2)) { scratch in
          guard let maximum = scratch.baseAddress else { return }
          let (sum, scores) = (maximum + tileQueries, maximum + 2 * tileQueries)
          for index in piece {
            let (head, first) = (index / tiles, index % tiles * tileQueries)
            let count = min(tileQueries, tokens - first)
            let start = (head / heads * tokens + first) * channels + head % heads * width
            maximum.update(repeating: -.infinity, count: count)
            sum.update(repeating: 0, count: count)
            for (index, block) in packed[head].enumerated() {
              block.keys.multiply(
                rows: count, left: MatrixView(queries + start, stride: channels),
                scale: 1 / Float(width).squareRoot(), result: scores, resultStride: block.keys.columns)
              ck_softmax_block(
                scores, count, block.keys.columns, maximum, sum, output + start, channels, width)
              block.values.multiply(
                rows: count, left: MatrixView(scores, stride: block.keys.columns),
                residual: index == 0 ? nil : UnsafePointer(output + start), result: output + start,
                resultStride: channels)
            }
            ck_divide_rows(output + start, channels, sum, count, width)
          }
        }
      }
    }
  }
}

/// Keys and values, packed block by block for each sequence and head.
private struct KeyValueBlocks {
  typealias Block = (keys: PackedMatrix, values: PackedMatrix)
  private let blocks: [Block?]
  private let perHead: Int

  init(_ keys: Tensor, _ values: Tensor, heads: Int, on compute: Compute) {
    let (keyCount, channels) = (keys.shape[1], keys.shape[2])
    let width = channels / heads
    let perHead = (keyCount + blockKeys - 1) / blockKeys
    self.perHead = perHead
    var blocks = [Block?](repeating: nil, count: keys.shape[0] * heads * perHead)
    blocks.withUnsafeMutableBufferPointer { blocks in
      borrowElements(keys, values) { keys, values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        compute.parallelFor(blocks.count, grain: 1) { piece in
          for index in piece {
            let (head, first) = (index / perHead, index % perHead * blockKeys)
            let count = min(blockKeys, keyCount - first)
            let start = (head / heads * keyCount + first) * channels + head % heads * width
            blocks[index] = (
              PackedMatrix(
                MatrixView(keys + start, stride: channels, transposed: true), inner: width, columns: count),
              PackedMatrix(MatrixView(values + start, stride: channels), inner: count, columns: width)
            )
          }
        }
      }
    }
    self.blocks = blocks
  }

  /// The blocks of a head; heads are numbered sequence by sequence.
  subscript(head: Int) -> some Sequence<Block> {
    blocks[head * perHead..<(head + 1) * perHead].lazy.compactMap { $0 }
  }
}
