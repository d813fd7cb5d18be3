// Position encoding of the coarse map: without it, attention could not tell one place from another.
// A new encoding is one file that conforms to `PositionEncoding` and one line in `positionEncodings`.

import Tensor

/// The encodings that a model file may name under `positionEncoding.kind`.
package let positionEncodings: [String: any PositionEncoding.Type] = [
  "none": NoPositionEncoding.self,
  "sinusoidal": SinusoidalEncoding.self,
]

/// Adds each cell's place in the grid to its features.
package protocol PositionEncoding: Sendable {
  /// - Parameters:
  ///   - settings: the group `positionEncoding` of the model's settings.
  ///   - channels: channels of the coarse map.
  init(_ settings: Settings, channels: Int) throws

  /// [height, width, channels] -> the same shape.
  func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor
}

/// For models whose attention layers encode places themselves (see RotaryEncoding).
package struct NoPositionEncoding: PositionEncoding {
  package init(_ settings: Settings, channels: Int) {}

  /// The map as it is.
  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor { map }
}
