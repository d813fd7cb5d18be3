// The networks of this project as matchers to evaluate.

import Imaging
import Matching
import Models
import Pipeline
import Tensor

/// A model under its own options.
package struct NetworkPairMatcher: PairMatcher {
  /// See `PairMatcher`.
  package let name: String
  /// See `PairMatcher`.
  package let description: String
  /// See `PairMatcher`.
  package let identity: String

  private let matcher: PhotoMatcher

  /// - Parameters:
  ///   - name: as on the command line.
  ///   - model: settings and tensors.
  ///   - variant: how foreign weights were taken.
  ///   - maxSize: longer side at which the network sees a photo, pixels; 0 for the photo as it is.
  ///   - search: other ways to show a pair.
  ///   - compute: threads.
  package init(
    name: String, model: Model, variant: WeightsVariant = WeightsVariant(), maxSize: Int,
    search: ViewSearch = .none, compute: Compute
  ) {
    self.name = name
    matcher = PhotoMatcher(matcher: model.matcher, maxSize: maxSize, search: search, compute: compute)
    let threshold = model.matcher.coarseMatcher.defaultThreshold
    let chosen = variant.chosen.map { ", \($0)" }.joined()
    description =
      "\(model.file.name), \(model.file.architecture)\(chosen), sha256 \(model.file.sha256.prefix(12)), "
      + "threshold \(threshold), " + (maxSize == 0 ? "photos as they are" : "photos up to \(maxSize) px")
      + (search.turns ? ", rotations auto" : "") + (search.scales ? ", scales auto" : "")
    identity =
      "network \(model.file.sha256)\(chosen) threshold \(threshold) max-size \(maxSize)"
      + (search == .none ? "" : " search \(search)")
  }

  /// See `PairMatcher`.
  package func seenSize(width: Int, height: Int) -> NetworkSize {
    NetworkSize(width: width, height: height, maxSize: matcher.maxSize)
  }

  /// See `PairMatcher`; the points that could have been matched are the coarse cells.
  package func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction {
    let clock = ContinuousClock()
    let start = clock.now
    let matches = try matcher(photo0, photo1)
    return Prediction(
      correspondences: matches.correspondences, keypoints: matches.statistics.cells,
      seconds: (clock.now - start) / .seconds(1))
  }
}
