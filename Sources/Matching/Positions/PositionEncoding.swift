// Position encoding of the coarse map: without it, attention cannot tell one position from another.
// A new encoding is one file that conforms to `PositionEncoding` and one line in `positionEncodings`.

import Tensor

/// Values of `positionEncoding.kind` in a model file.
package let positionEncodings: [String: any PositionEncoding.Type] = [
  "none": NoPositionEncoding.self,
  "sinusoidal": SinusoidalEncoding.self,
]

/// Adds each cell's position in the grid to its features.
package protocol PositionEncoding: Sendable {
  /// `settings` is the group `positionEncoding` of the model's settings.
  init(_ settings: Settings, channels: Int) throws

  /// [height, width, channels] -> the same shape.
  func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor
}

/// For models whose attention layers encode positions themselves (see RotaryEncoding).
package struct NoPositionEncoding: PositionEncoding {
  package init(_ settings: Settings, channels: Int) {}

  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor { map }
}
