// Every intermediate result of one pair by name, for comparison with the reference implementations run by
// training/goldens, whose names these are.

import Backbone
import Tensor

/// Runs a matcher stage by stage and keeps all intermediate results.
package struct StageTrace: Sendable {
  /// Stages by name; those of one image end in .0 or .1. Maps are [height, width, channels]:
  /// normalized, half, quarter, backbone_coarse, position_encoded, after_layer_N, fine; confidence is
  /// [cells, cells] over the valid cells, of images up to about 700x500; cells0, cells1, scores [matches],
  /// keypoints0, keypoints1 [matches, 2].
  /// Of the first `tracedWindows` coarse matches: fine_windows_before if windows are cut and, if a transformer follows,
  /// fine_windows_after [matches, pixels, channels]; fine_offsets [matches, 2] in pixels.
  package private(set) var stages: [String: Tensor] = [:]

  /// Larger confidence matrices (128 MB) are left out.
  static let largestConfidence = 1 << 25
  static let tracedWindows = 8

  /// `first` and `second` are [height, width] in [0, 1]; without a `threshold`, the model's is used.
  package init(
    _ matcher: Matcher, _ first: Tensor, _ second: Tensor, threshold: Float? = nil, on compute: Compute
  ) {
    let images = [first, second].map { matcher.features(of: $0, on: compute) }
    for (index, image) in images.enumerated() {
      stages["normalized.\(index)"] = matcher.prepared([first, second][index])
      for (name, lateral) in zip(["half", "quarter"], image.pyramid.laterals) {
        stages["\(name).\(index)"] = lateral
      }
      stages["backbone_coarse.\(index)"] = image.pyramid.coarse
      stages["position_encoded.\(index)"] = image.coarse
    }
    var tokens = images.map { $0.coarse.reshaped([1] + $0.coarse.shape) }
    for layer in 0..<matcher.transformer.depth {
      let next = matcher.transformer.layer(layer, tokens[0], tokens[1], on: compute)
      tokens = [next.first, next.second]
      for (index, token) in tokens.enumerated() {
        stages["after_layer_\(layer).\(index)"] = token.reshaped(Array(token.shape.dropFirst()))
      }
    }
    let coarse = zip(images, tokens).map { matcher.coarseFeatures($0, $1) }
    if coarse.reduce(1, { $0 * $1.validRows * $1.validColumns }) <= Self.largestConfidence {
      stages["confidence"] = matcher.coarseMatcher.confidence(coarse[0], coarse[1], on: compute)
    }
    let fine = zip(images, coarse).map { matcher.fineFeatures($0, $1, on: compute) }
    for (index, features) in fine.enumerated() { stages["fine.\(index)"] = features.map }
    let options = MatchingOptions(threshold: threshold)
    let threshold = threshold ?? matcher.coarseMatcher.defaultThreshold
    let pairs = matcher.coarseMatcher.matches(coarse[0], coarse[1], threshold: threshold, on: compute)
    addWindows(of: pairs.first(Self.tracedWindows), matcher.fineMatcher, fine, on: compute)
    add(matcher.matches(images[0], images[1], options: options, on: compute))
  }

  private mutating func addWindows(
    of matches: CoarseMatches, _ matcher: any FineMatcher, _ fine: [FineFeatures], on compute: Compute
  ) {
    stages.merge(matcher.trace(of: matches, fine[0], fine[1], on: compute)) { $1 }
    let offsets = matcher.refinements(of: matches, fine[0], fine[1], on: compute).second
    stages["fine_offsets"] = Tensor([offsets.count, 2], values: offsets.flatMap { [$0.x, $0.y] })
  }

  private mutating func add(_ matches: Matches) {
    let count = matches.count
    stages["scores"] = Tensor([count], values: matches.correspondences.scores.map { Float($0) })
    stages["keypoints0"] = Tensor(
      [count, 2], values: matches.correspondences.points0.flatMap { [Float($0.x), Float($0.y)] })
    stages["keypoints1"] = Tensor(
      [count, 2], values: matches.correspondences.points1.flatMap { [Float($0.x), Float($0.y)] })
    stages["cells0"] = Tensor([count], values: matches.cells0.map { Float($0) })
    stages["cells1"] = Tensor([count], values: matches.cells1.map { Float($0) })
  }
}
