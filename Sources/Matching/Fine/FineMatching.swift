// Fine matching: around each coarse match, the fine maps give the sub-pixel position. A new refinement is one file
// that conforms to `FineMatcher` (or to `WindowedFineMatcher`) and one line in `fineMatchers`.

import Backbone
import Tensor

/// The refinements that a model file may name under `fineMatching.kind`.
package let fineMatchers: [String: any FineMatcher.Type] = [
  "expectation": ExpectationMatcher.self,
  "pixel-then-heat-map": PixelThenHeatMapMatcher.self,
  "two-step": TwoStepMatcher.self,
]

/// What the fine stage sees of one image.
package struct FineFeatures: Sendable {
  /// [height, width, channels] at 1/2.
  package let map: Tensor
  /// The coarse features after attention.
  package let coarse: CoarseFeatures

  /// - Parameters:
  ///   - map: [height, width, channels] at 1/2.
  ///   - coarse: the coarse features after attention.
  package init(map: Tensor, coarse: CoarseFeatures) {
    self.map = map
    self.coarse = coarse
  }
}

/// A refinement of coarse matches.
package protocol FineMatcher: Sendable {
  /// - Parameters:
  ///   - settings: the group `fineMatching` of the model's settings.
  ///   - backbone: the network whose maps are refined on.
  ///   - parameters: the scope `fine_matching` of the model's tensors.
  init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws

  /// Both points of each match relative to the centres of its coarse cells, in pixels of the images that the network
  /// saw.
  func refinements(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineRefinements

  /// What lies between the features and the refinements of these matches, by name, for `StageTrace`.
  func trace(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> [String: Tensor]
}

extension FineMatcher {
  /// Nothing to show.
  package func trace(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> [String: Tensor] { [:] }
}

/// Both points of some matches relative to the centres of their coarse cells, in pixels.
package struct FineRefinements: Sendable, Equatable {
  /// In the first image.
  package var first: [SIMD2<Float>]
  /// In the second image.
  package var second: [SIMD2<Float>]

  /// Refinements of the second points only.
  init(second: [SIMD2<Float>]) {
    (first, self.second) = ([SIMD2<Float>](repeating: .zero, count: second.count), second)
  }

  /// Nothing moves yet.
  init(count: Int) { self.init(second: [SIMD2<Float>](repeating: .zero, count: count)) }
}
