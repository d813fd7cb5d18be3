// The origin of the coordinates a network was trained on.
//
// LoFTR and EfficientLoFTR put coarse cell i at coordinate 8 i. Their training pairs are related by camera matrices
// whose principal point is half the width and height (MegaDepth, from COLMAP), and photos are resized by scaling
// coordinates only: the origin is the top left corner of the first pixel, not its centre.

import Tensor

package enum PixelOrigin: String, Sendable, CaseIterable {
  /// The centre of the first pixel, as everywhere in this project.
  case centre
  /// The top left corner of the first pixel.
  case corner

  /// The setting `pixelOrigin`, by default `centre`.
  package init(_ settings: Settings) throws {
    let known = Dictionary(uniqueKeysWithValues: Self.allCases.map { ($0.rawValue, $0) })
    self = settings.values["pixelOrigin"] == nil ? .centre : try settings.choice("pixelOrigin", from: known)
  }

  /// Added to the network's coordinates to count from the first pixel's centre.
  package var shift: Float { self == .corner ? -0.5 : 0 }
}
