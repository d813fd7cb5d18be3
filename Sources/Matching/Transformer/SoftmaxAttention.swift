// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), a tile of queries against a block of keys at a
// time under a running softmax (as FlashAttention does, Dao et al. 2022): a tile of scores stays in the cache, and
// the scores of all tokens against all sources are never stored.

import CKernels
import Tensor

private let tileQueries = 48
/// Keys of a block: with the tile's queries, scores of 228 KB; all keys of 640x480 pixels are one block.
private let blockKeys = 1216

/// queries [sequences, tokens, channels], keys and values [sequences, sources, channels] ->
/// [sequences, tokens, channels], head by head.
func softmaxAttention(
  queries: Tensor, keys: Tensor, values: Tensor, heads: Int, on compute: Compute
) -> Tensor {
  let (sequences, tokens, channels) = (queries.shape[0], queries.shape[1], queries.shape[2])
  let sources = keys.shape[1]
  let width = channels / heads
  compute.count(multiplyAdds: 2 * sequences * tokens * sources * channels)
  let sides = SourceBlocks(keys, values, heads: heads, on: compute)
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
            for (block, side) in sides[head].enumerated() {
              side.keys.multiply(
                rows: count, left: MatrixView(queries + start, stride: channels),
                scale: 1 / Float(width).squareRoot(), result: scores, resultStride: side.keys.columns)
              ck_softmax_block(
                scores, count, side.keys.columns, maximum, sum, output + start, channels, width)
              side.values.multiply(
                rows: count, left: MatrixView(scores, stride: side.keys.columns),
                residual: block == 0 ? nil : UnsafePointer(output + start), result: output + start,
                resultStride: channels)
            }
            ck_divide_rows(output + start, channels, sum, count, width)
          }
        }
      }
    }
  }
}

/// Keys and values, packed block by block for every sequence and head.
private struct SourceBlocks {
  typealias Block = (keys: PackedMatrix, values: PackedMatrix)
  private let blocks: [Block?]
  private let perHead: Int

  init(_ keys: Tensor, _ values: Tensor, heads: Int, on compute: Compute) {
    let (sources, channels) = (keys.shape[1], keys.shape[2])
    let width = channels / heads
    let perHead = (sources + blockKeys - 1) / blockKeys
    self.perHead = perHead
    var blocks = [Block?](repeating: nil, count: keys.shape[0] * heads * perHead)
    blocks.withUnsafeMutableBufferPointer { blocks in
      borrowElements(keys, values) { keys, values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        compute.parallelFor(blocks.count, grain: 1) { piece in
          for index in piece {
            let (head, first) = (index / perHead, index % perHead * blockKeys)
            let count = min(blockKeys, sources - first)
            let start = (head / heads * sources + first) * channels + head % heads * width
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

  /// The blocks of a head, all heads of a sequence before those of the next.
  subscript(head: Int) -> some Sequence<Block> {
    blocks[head * perHead..<(head + 1) * perHead].lazy.compactMap { $0 }
  }
}
