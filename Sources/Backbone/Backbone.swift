// The convolutional stage: an image becomes a coarse map (1/8) for the transformer and a fine map (1/2) for
// refinement (LoFTR, Sun et al. 2021, section 3.1).
//
// A backbone works in two steps, because some pyramids are built downwards from the image alone (LoFTR) and
// others upwards from the coarse features after attention (EfficientLoFTR). A new backbone is one file that
// conforms to `Backbone` and one line in `backbones`.

import Tensor

/// The backbones that a model file may name under `backbone.kind`.
package let backbones: [String: any Backbone.Type] = [
  "resnet-fpn": ResNetFPN.self,
  "compact-fpn": CompactFPN.self,
  "repvgg-fpn": RepVGGFPN.self,
]

/// Builds the backbone that `settings.kind` names.
package func makeBackbone(_ settings: Settings, from parameters: Parameters) throws -> any Backbone {
  try settings.choice("kind", from: backbones).init(settings, from: parameters)
}

/// A convolutional network with a feature pyramid.
package protocol Backbone: Sendable {
  /// - Parameters:
  ///   - settings: the group `backbone` of the model's settings.
  ///   - parameters: the scope `backbone` of the model's tensors.
  init(_ settings: Settings, from parameters: Parameters) throws

  /// Channels of the coarse map.
  var coarseChannels: Int { get }
  /// Channels of the pyramid's laterals, finest (1/2) first.
  var lateralChannels: [Int] { get }
  /// Channels of the fine map.
  var fineChannels: Int { get }
  /// Where the cells of the coarse map lie in the image.
  var coarseGrid: SamplingGrid { get }
  /// Where the pixels of the fine map lie in the image.
  var fineGrid: SamplingGrid { get }
  /// Image sides must be multiples of this many pixels.
  var sideMultiple: Int { get }
  /// Whether an image is extended to such sides with zeros, and not by repeating its edge.
  var padsWithZeros: Bool { get }

  /// The image as the first layer wants it: [height, width] in [0, 1] -> the same shape.
  func normalized(_ image: Tensor) -> Tensor

  /// normalised image [height, width] -> its pyramid.
  func pyramid(of image: Tensor, on compute: Compute) -> Pyramid

  /// The fine map [height / 2, width / 2, fineChannels] from a pyramid and the coarse map after attention.
  func fineMap(from pyramid: Pyramid, attended: Tensor, on compute: Compute) -> Tensor
}

extension Backbone {
  /// See the protocol: the edge is repeated unless a backbone says otherwise.
  package var padsWithZeros: Bool { false }
}

/// What the backbone keeps of an image.
package struct Pyramid: Sendable {
  /// [height / 8, width / 8, coarseChannels], before attention.
  package let coarse: Tensor
  /// The maps that the fine map is built from, finest (1/2) first.
  package let laterals: [Tensor]

  /// - Parameters:
  ///   - coarse: the 1/8 map.
  ///   - laterals: the finer maps, finest first.
  package init(coarse: Tensor, laterals: [Tensor]) {
    self.coarse = coarse
    self.laterals = laterals
  }
}

/// Where the elements of a map lie in the image: element i sits on pixel stride * i + offset, where the centre of the
/// first pixel is 0, and stands for the point `shift` pixels from there.
package struct SamplingGrid: Sendable, Equatable {
  /// Image pixels from one element to the next.
  package let stride: Int
  /// Image coordinate of element 0.
  package let offset: Float
  /// From an element's place to the point whose match it finds, as training defined it (see PixelOrigin).
  package let shift: Float

  /// - Parameters:
  ///   - stride: image pixels from one element to the next.
  ///   - offset: image coordinate of element 0.
  ///   - shift: from an element's place to the point that it stands for.
  package init(stride: Int, offset: Float, shift: Float = 0) {
    self.stride = stride
    self.offset = offset
    self.shift = shift
  }

  /// Image coordinate of the point that an element stands for.
  package func position(_ index: Int) -> Float { Float(stride * index) + offset + shift }

  /// Number of leading elements that sit on an image of that extent (up to its last pixel's far edge).
  package func elements(within extent: Int) -> Int {
    max(0, Int(((Float(extent) - 0.5 - offset) / Float(stride)).rounded(.down)) + 1)
  }
}
