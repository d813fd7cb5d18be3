// From two photos to matches and geometry.

import Geometry
import Matching
import Models
import Pipeline
import Tensor

/// A loaded model and the settings to match pairs with.
package struct PairRun: Sendable {
  package let settings: MatchSettings
  package let model: Model
  package let compute: Compute

  /// Loads the model. Throws `ModelError`, `WeightsError`.
  package init(_ settings: MatchSettings) throws {
    self.settings = settings
    model = try settings.model.load()
    compute = Compute(threads: settings.threads)
  }

  package init(_ settings: MatchSettings, model: Model, compute: Compute) {
    self.settings = settings
    self.model = model
    self.compute = compute
  }

  /// Matches two photos and estimates their geometry. Throws `PipelineError.notEnoughMemory`, `ImagingError`,
  /// `GeometryError`.
  package func callAsFunction(_ photos: Pair<Photo>) throws -> PairResult {
    let matcher = PhotoMatcher(
      matcher: model.matcher, maxSize: settings.maxSize, options: settings.matching, search: settings.search,
      precision: settings.precision, compute: compute)
    let matches = try matcher(photos.first, photos.second)
    var timer = StageTimer(matches.statistics.stages)
    let robustOptions = settings.robustOptions(matches.frames.map(\.scaling))
    let geometry = try timer.measure("geometry") {
      try settings.geometryKind.map { kind in
        try GeometryVerification(kind: kind, cameras: settings.cameras, options: robustOptions)(
          matches.correspondences)
      }
    }
    return PairResult(
      photos: photos, matches: matches, robustOptions: robustOptions, geometry: geometry,
      stages: timer.stages)
  }
}

package struct PairResult: Sendable {
  package let photos: Pair<Photo>
  package let matches: PhotoMatches
  package let robustOptions: RobustOptions
  /// Nil if not requested.
  package let geometry: TwoViewGeometry?
  /// Matching and estimation, in order.
  package let stages: [StageTime]

  /// Inlier mask of the matches; all false without a geometry.
  package var inliers: [Bool] {
    geometry?.estimate?.inlierMask ?? [Bool](repeating: false, count: matches.count)
  }
}
