// The rotary encodings. A new one is one file that conforms to `TokenRotation` and one line in `tokenRotations`.

import Tensor

/// Values of `attention.rotary.kind` in a model file; `wavelengths` if there is none.
package let tokenRotations: [String: any TokenRotation.Type] = [
  "wavelengths": RotaryEncoding.self,
  "interleaved": InterleavedRotaryEncoding.self,
]

func makeTokenRotation(_ settings: Settings) throws -> any TokenRotation {
  let kind =
    settings.values["kind"] == nil ? RotaryEncoding.self : try settings.choice("kind", from: tokenRotations)
  return try kind.init(settings)
}

/// Rotates pairs of channels by angles that depend on a token's position.
package protocol TokenRotation: Sendable {
  /// `settings` is the group `attention.rotary` of the transformer's settings.
  init(_ settings: Settings) throws

  /// tokens [height, width, channels] -> the same shape.
  func callAsFunction(_ tokens: Tensor, heads: Int, on compute: Compute) -> Tensor
}

extension RotaryEncoding: TokenRotation {}
