// Linear attention (Katharopoulos et al. 2020, section 3.2): with the positive feature map phi(x) = elu(x) + 1,
// attention becomes phi(Q) (phi(K)^T V) / (phi(Q) sum(phi(K))), whose cost is linear in the number of tokens.

import Tensor

/// queries [sequences, tokens, channels], keys and values [sequences, keys, channels] ->
/// [sequences, tokens, channels], head by head. `epsilon` keeps the denominator positive, as in LoFTR.
func linearAttention(
  queries: Tensor, keys: Tensor, values: Tensor, heads: Int, epsilon: Float = 1e-6, on compute: Compute
) -> Tensor {
  let (sequences, tokens, channels) = (queries.shape[0], queries.shape[1], queries.shape[2])
  let keyCount = keys.shape[1]
  let width = channels / heads
  compute.count(multiplyAdds: sequences * (keyCount + tokens) * channels * width)
  let (queries, keys) = (queries.eluPlusOne(on: compute), keys.eluPlusOne(on: compute))
  // Per sequence and head: phi(K)^T V (width, width), then the sum of phi(K) (width).
  let state = width * width + width
  let states = Tensor([sequences, heads, state]) { states in
    borrowElements(keys, values) { keys, values in
      guard let keys = keys.baseAddress, let values = values.baseAddress, let states = states.baseAddress
      else { return }
      compute.parallelFor(sequences * heads, grain: sequences == 1 ? 1 : 64) { piece in
        for index in piece {
          let start = index / heads * keyCount * channels + index % heads * width
          let target = states + index * state
          matrixProduct(
            rows: width, columns: width, inner: keyCount,
            left: MatrixView(keys + start, stride: channels, transposed: true),
            right: MatrixView(values + start, stride: channels), result: target, resultStride: width)
          let sum = target + width * width
          sum.update(repeating: 0, count: width)
          for key in 0..<keyCount {
            let row = keys + start + key * channels
            for channel in 0..<width { sum[channel] += row[channel] }
          }
        }
      }
    }
  }
  let rowsPerPiece = min(tokens, 256)
  let piecesPerHead = (tokens + rowsPerPiece - 1) / max(rowsPerPiece, 1)
  return Tensor([sequences, tokens, channels]) { output in
    borrowElements(queries, states) { queries, states in
      guard let queries = queries.baseAddress, let states = states.baseAddress,
        let output = output.baseAddress
      else { return }
      compute.parallelFor(sequences * heads * piecesPerHead, grain: sequences == 1 ? 1 : 64) { piece in
        for index in piece {
          let (head, first) = (index / piecesPerHead, index % piecesPerHead * rowsPerPiece)
          let count = min(rowsPerPiece, tokens - first)
          let start = (head / heads * tokens + first) * channels + head % heads * width
          let state = states + head * state
          matrixProduct(
            rows: count, columns: width, inner: width, left: MatrixView(queries + start, stride: channels),
            right: MatrixView(state, stride: width), result: output + start, resultStride: channels)
          let sum = state + width * width
          for row in 0..<count {
            let (query, result) = (queries + start + row * channels, output + start + row * channels)
            var normaliser = epsilon
            for channel in 0..<width { normaliser += query[channel] * sum[channel] }
            let factor = 1 / normaliser
            for channel in 0..<width { result[channel] *= factor }
          }
        }
      }
    }
  }
}
