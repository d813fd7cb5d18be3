// Fine matching: the fine maps refine each coarse match to sub-pixel accuracy. A new refinement is one file that
// conforms to `FineMatcher` (or to `WindowedFineMatcher`) and one line in `fineMatchers`.

import Backbone
import Tensor

/// Values of `fineMatching.kind` in a model file.
package let fineMatchers: [String: any FineMatcher.Type] = [
  "expectation": ExpectationMatcher.self,
  "pixel-then-heat-map": PixelThenHeatMapMatcher.self,
  "two-step": TwoStepMatcher.self,
]

/// Input of the fine stage for one image.
package struct FineFeatures: Sendable {
  /// [height, width, channels] at 1/2.
  package let map: Tensor
  /// The coarse features after attention.
  package let coarse: CoarseFeatures
}

package protocol FineMatcher: Sendable {
  /// `settings` is the group `fineMatching` of the model's settings, `parameters` the scope `fine_matching` of its
  /// tensors.
  init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws

  /// Both points of each match relative to the centres of its coarse cells, in pixels of the network's input images.
  func refinements(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineRefinements

  /// Intermediate results of refining these matches, by name, for `StageTrace`.
  func trace(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> [String: Tensor]
}

extension FineMatcher {
  package func trace(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> [String: Tensor] { [:] }
}

/// Offsets of both points of each match from the centres of its coarse cells, in pixels.
package struct FineRefinements: Sendable, Equatable {
  package var first: [SIMD2<Float>]
  package var second: [SIMD2<Float>]

  /// Refinements of the second points only.
  init(second: [SIMD2<Float>]) {
    (first, self.second) = ([SIMD2<Float>](repeating: .zero, count: second.count), second)
  }

  init(count: Int) { self.init(second: [SIMD2<Float>](repeating: .zero, count: count)) }
}
