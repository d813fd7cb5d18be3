// Which rotary encodings there are: queries and keys turn by angles that grow with their place, so that their product
// depends on relative places. A new one is one file that conforms to `TokenRotation` and one line in `tokenRotations`.

import Tensor

/// The encodings that a model file may name under `attention.rotary.kind`; a file that names none means `wavelengths`.
package let tokenRotations: [String: any TokenRotation.Type] = [
  "wavelengths": RotaryEncoding.self,
  "interleaved": InterleavedRotaryEncoding.self,
]

/// The encoding that a group of settings describes.
func makeTokenRotation(_ settings: Settings) throws -> any TokenRotation {
  let kind =
    settings.values["kind"] == nil ? RotaryEncoding.self : try settings.choice("kind", from: tokenRotations)
  return try kind.init(settings)
}

/// Turns pairs of channels by angles that depend on a token's place.
package protocol TokenRotation: Sendable {
  /// - Parameter settings: the group `attention.rotary` of the transformer's settings.
  init(_ settings: Settings) throws

  /// tokens [height, width, channels] -> the same shape.
  func callAsFunction(_ tokens: Tensor, heads: Int, on compute: Compute) -> Tensor
}

extension RotaryEncoding: TokenRotation {}
