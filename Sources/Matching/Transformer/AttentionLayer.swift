// One layer of the transformer: tokens gather information from their own image (self) or the other (cross).
// A new attention mechanism is one file that conforms to `AttentionLayer` and one line in `attentionLayers`.

import Tensor

/// The mechanisms that a model file may name under `attention.kind`.
package let attentionLayers: [String: any AttentionLayer.Type] = [
  "linear": EncoderLayer<LinearAttention>.self,
  "softmax": EncoderLayer<SoftmaxAttention>.self,
  "aggregated-softmax": AggregatedAttentionLayer.self,
]

/// Whose tokens a layer attends to: those of the same image, or those of the other.
package enum AttentionRole: String, Sendable, CaseIterable {
  case `self`
  case cross
}

/// A full transformer layer: attention, feed-forward network, norms and residual.
package protocol AttentionLayer: Sendable {
  /// - Parameters:
  ///   - role: self- or cross-attention, for mechanisms that differ between the two.
  ///   - channels: channels of a token.
  ///   - heads: attention heads; divides `channels`.
  ///   - settings: the group `attention` of the transformer's settings.
  ///   - parameters: the layer's own scope.
  init(role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters) throws

  /// The sides of a token grid must be multiples of this.
  var gridMultiple: Int { get }

  /// tokens [sequences, height, width, channels] attend to source [sequences, height', width', channels],
  /// sequence by sequence; the result has the shape of `tokens`.
  func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor
}
