// The convolutional stage: an image becomes a coarse map (1/8) for the transformer and a fine map (1/2) for
// refinement (LoFTR, Sun et al. 2021, section 3.1).
//
// It runs in two steps because some pyramids are built from the image alone (LoFTR) and others from the coarse
// features after attention (EfficientLoFTR). A new backbone is one file that conforms to `Backbone` and one line
// in `backbones`.

import Tensor

/// Values of `backbone.kind` in a model file.
package let backbones: [String: any Backbone.Type] = [
  "resnet-fpn": ResNetFPN.self,
  "compact-fpn": CompactFPN.self,
  "repvgg-fpn": RepVGGFPN.self,
]

package func makeBackbone(_ settings: Settings, from parameters: Parameters) throws -> any Backbone {
  try settings.choice("kind", from: backbones).init(settings, from: parameters)
}

/// A convolutional network with a feature pyramid.
package protocol Backbone: Sendable {
  /// `settings` is the group `backbone` of the model's settings, `parameters` the scope `backbone` of its tensors.
  init(_ settings: Settings, from parameters: Parameters) throws

  var coarseChannels: Int { get }
  /// Finest (1/2) first.
  var lateralChannels: [Int] { get }
  var fineChannels: Int { get }
  var coarseGrid: SamplingGrid { get }
  var fineGrid: SamplingGrid { get }
  /// Image sides must be multiples of this, in pixels.
  var sideMultiple: Int { get }
  /// Whether images are padded with zeros rather than by repeating the edge.
  var padsWithZeros: Bool { get }

  /// [height, width] in [0, 1] -> the first layer's input, of the same shape.
  func normalized(_ image: Tensor) -> Tensor

  /// `image` is normalised, [height, width].
  func pyramid(of image: Tensor, on compute: Compute) -> Pyramid

  /// [height / 2, width / 2, fineChannels], from a pyramid and the coarse map after attention.
  func fineMap(from pyramid: Pyramid, attended: Tensor, on compute: Compute) -> Tensor
}

extension Backbone {
  package var padsWithZeros: Bool { false }
}

package struct Pyramid: Sendable {
  /// [height / 8, width / 8, coarseChannels], before attention.
  package let coarse: Tensor
  /// The maps the fine map is built from, finest (1/2) first.
  package let laterals: [Tensor]

  package init(coarse: Tensor, laterals: [Tensor]) {
    self.coarse = coarse
    self.laterals = laterals
  }
}

/// Where the elements of a map lie in the image: element i sits on pixel stride * i + offset and stands for the point
/// `shift` pixels further on (0 is the centre of the first pixel).
package struct SamplingGrid: Sendable, Equatable {
  package let stride: Int
  package let offset: Float
  /// From an element's position to the point whose match it finds, as training defined it (see PixelOrigin).
  package let shift: Float

  init(stride: Int, offset: Float, shift: Float = 0) {
    (self.stride, self.offset, self.shift) = (stride, offset, shift)
  }

  /// Image coordinate of the point an element stands for.
  package func position(_ index: Int) -> Float { Float(stride * index) + offset + shift }

  /// Number of leading elements inside an image of that extent (up to its last pixel's far edge).
  package func elements(within extent: Int) -> Int {
    max(0, Int(((Float(extent) - 0.5 - offset) / Float(stride)).rounded(.down)) + 1)
  }
}
