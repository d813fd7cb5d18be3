// LoFTR's encoder layer (Sun et al. 2021, section 3.2 and figure 3; reference: kornia's
// feature/loftr/loftr_module/transformer.py), with either attention function.

import Tensor

/// The part of an encoder layer without weights.
package protocol AttentionFunction: Sendable {
  /// queries [sequences, tokens, channels], keys and values [sequences, keys, channels] ->
  /// [sequences, tokens, channels], head by head.
  static func attend(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, on compute: Compute
  ) -> Tensor
}

package enum LinearAttention: AttentionFunction {
  package static func attend(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, on compute: Compute
  ) -> Tensor {
    linearAttention(queries: queries, keys: keys, values: values, heads: heads, on: compute)
  }
}

package enum SoftmaxAttention: AttentionFunction {
  package static func attend(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, on compute: Compute
  ) -> Tensor {
    softmaxAttention(queries: queries, keys: keys, values: values, heads: heads, on: compute)
  }
}

/// x + norm2(mlp([x, norm1(merge(attention(x, source)))])).
package struct EncoderLayer<Function: AttentionFunction>: AttentionLayer {
  private let weights: AttentionWeights

  /// Self- and cross-attention are alike; no further settings.
  package init(
    role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters
  ) throws {
    weights = try AttentionWeights(channels: channels, heads: heads, from: parameters)
  }

  package let gridMultiple = 1

  package func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor {
    let (x, y) = (tokens.flattenedGrid, source.flattenedGrid)
    let attended = Function.attend(
      queries: weights.query(x, on: compute), keys: weights.key(y, on: compute),
      values: weights.value(y, on: compute), heads: weights.heads, on: compute)
    let message = weights.firstNorm(weights.merge(attended, on: compute), on: compute)
    return weights.update(x, with: message, activation: .relu, on: compute).reshaped(tokens.shape)
  }
}

extension Tensor {
  /// [sequences, height, width, channels] -> [sequences, height * width, channels].
  fileprivate var flattenedGrid: Tensor { reshaped([shape[0], shape[1] * shape[2], shape[3]]) }
}
