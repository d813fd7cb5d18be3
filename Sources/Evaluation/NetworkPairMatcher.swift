import Imaging
import Matching
import Models
import Pipeline
import Tensor

/// One of this project's networks as a matcher to evaluate.
package struct NetworkPairMatcher: PairMatcher {
  package let name: String
  package let description: String
  package let identity: String

  private let matcher: PhotoMatcher

  /// `variant` says how third-party weights were interpreted; `maxSize` is the longer side of the network's input,
  /// pixels, 0 for full size.
  package init(
    name: String, model: Model, variant: WeightsVariant = WeightsVariant(), maxSize: Int,
    search: ViewSearch = .none, precision: PrecisionMode = .network, compute: Compute
  ) {
    self.name = name
    matcher = PhotoMatcher(
      matcher: model.matcher, maxSize: maxSize, search: search, precision: precision,
      compute: compute)
    let threshold = model.matcher.coarseMatcher.defaultThreshold
    let chosen = variant.chosen.map { ", \($0)" }.joined()
    description =
      "\(model.file.name), \(model.file.architecture)\(chosen), sha256 \(model.file.sha256.prefix(12)), "
      + "threshold \(threshold), " + (maxSize == 0 ? "full-size photos" : "photos up to \(maxSize) px")
      + (search.turns ? ", rotations auto" : "") + (search.scales ? ", scales auto" : "")
      + ", \(precision.rawValue) points"
    identity =
      "network \(model.file.sha256)\(chosen) threshold \(threshold) max-size \(maxSize)"
      + (search == .none ? "" : " search \(search)") + " precision \(precision.rawValue)"
  }

  package func seenSize(width: Int, height: Int) -> NetworkSize {
    NetworkSize(width: width, height: height, maxSize: matcher.maxSize)
  }

  /// `Prediction.keypoints` counts coarse cells.
  package func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction {
    let clock = ContinuousClock()
    let start = clock.now
    let matches = try matcher(photo0, photo1)
    return Prediction(
      correspondences: matches.correspondences, keypoints: matches.statistics.cells,
      seconds: (clock.now - start) / .seconds(1))
  }
}
