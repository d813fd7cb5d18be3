// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), a tile of query rows at a time: the scores
// of all tokens against all sources are never stored at once.

import CKernels
import Tensor

/// queries [sequences, tokens, channels], keys and values [sequences, sources, channels] ->
/// [sequences, tokens, channels], head by head.
func softmaxAttention(
  queries: Tensor, keys: Tensor, values: Tensor, heads: Int, on compute: Compute
) -> Tensor {
  let (sequences, tokens, channels) = (queries.shape[0], queries.shape[1], queries.shape[2])
  let sources = keys.shape[1]
  let width = channels / heads
  // Q K^T, and its softmax times V.
  compute.count(multiplyAdds: 2 * sequences * tokens * sources * channels)
  let factor = 1 / Float(width).squareRoot()
  let rowsPerPiece = min(tokens, 96)
  let piecesPerHead = (tokens + rowsPerPiece - 1) / max(rowsPerPiece, 1)
  return Tensor([sequences, tokens, channels]) { output in
    borrowElements(keys, values) { keys, values in
      borrowElements(queries) { queries in
        guard let queries, let keys = keys.baseAddress, let values = values.baseAddress,
          let output = output.baseAddress
        else { return }
        compute.parallelFor(sequences * heads * piecesPerHead, grain: 1) { piece in
          for index in piece {
            let (head, first) = (index / piecesPerHead, index % piecesPerHead * rowsPerPiece)
            let count = min(rowsPerPiece, tokens - first)
            let start = (head / heads * tokens + first) * channels + head % heads * width
            let sourceStart = head / heads * sources * channels + head % heads * width
            withUnsafeTemporaryAllocation(byteCount: count * sources * 4, alignment: 64) { scratch in
              guard let scores = scratch.bindMemory(to: Float.self).baseAddress else { return }
              matrixProduct(
                rows: count, columns: sources, inner: width,
                left: MatrixView(queries + start, stride: channels),
                right: MatrixView(keys + sourceStart, stride: channels, transposed: true), result: scores,
                resultStride: sources)
              ck_softmax(scores, factor, count, sources)
              matrixProduct(
                rows: count, columns: width, inner: sources, left: MatrixView(scores, stride: sources),
                right: MatrixView(values + sourceStart, stride: channels), result: output + start,
                resultStride: channels)
            }
          }
        }
      }
    }
  }
}
