// One layer of the transformer: tokens gather information from their own image (self) or the other (cross).
// A new attention mechanism is one file that conforms to `AttentionLayer` and one line in `attentionLayers`.

import Tensor

/// Values of `attention.kind` in a model file.
package let attentionLayers: [String: any AttentionLayer.Type] = [
  "linear": EncoderLayer<LinearAttention>.self,
  "softmax": EncoderLayer<SoftmaxAttention>.self,
  "aggregated-softmax": AggregatedAttentionLayer.self,
]

package enum AttentionRole: String, Sendable, CaseIterable {
  case `self`
  case cross
}

package protocol AttentionLayer: Sendable {
  /// `role` is for mechanisms that differ between self- and cross-attention; `heads` divides `channels`; `settings` is
  /// the group `attention` of the transformer's settings; `parameters` the layer's own scope.
  init(role: AttentionRole, channels: Int, heads: Int, settings: Settings, from parameters: Parameters) throws

  /// The sides of a token grid must be multiples of this.
  var gridMultiple: Int { get }

  /// tokens [sequences, height, width, channels] attend to source [sequences, height', width', channels], sequence by
  /// sequence -> the shape of `tokens`.
  func callAsFunction(_ tokens: Tensor, attendingTo source: Tensor, on compute: Compute) -> Tensor
}
