// The record of a run, from its settings and result.

import Geometry
import Matching
import Models
import Pipeline
import Weights

package let programVersion = "0.1.0"

extension RunRecord {
  /// `timer` has all stages so far, reading and writing included.
  package init(_ run: PairRun, _ result: PairResult, timer: StageTimer) {
    let statistics = result.matches.statistics
    let geometry = GeometryRecord(result.geometry, threshold: result.robustOptions.threshold)
    self.init(
      version: programVersion, options: RunOptions(run, result.robustOptions),
      images: PairSide.allCases.map { side in
        ImageRecord(path: result.photos[side].path, result.matches.frames[side])
      },
      model: ModelRecord(run.model.file), geometry: geometry,
      counts: CountRecord(
        coarseCells0: statistics.cells.first, coarseCells1: statistics.cells.second,
        coarseMatches: statistics.coarseMatches, matches: result.matches.count,
        refined: result.matches.correspondences.refinedCount, inliers: geometry.inliers),
      timings: timer.stages.map { TimingRecord(stage: $0.stage, seconds: $0.seconds) },
      totalSeconds: timer.total)
  }
}

extension RunOptions {
  fileprivate init(_ run: PairRun, _ robust: RobustOptions) {
    let settings = run.settings
    // Through text, so that 0.2 does not become 0.20000000298.
    let threshold = settings.matching.threshold ?? run.model.matcher.coarseMatcher.defaultThreshold
    func word(_ isTried: Bool) -> String { isTried ? "auto" : "none" }
    var (name, weights): (String?, String?)
    switch settings.model {
    case .embedded(let model): name = model
    case .file(let path, _): weights = path
    }
    self.init(
      maxSize: settings.maxSize, rotations: word(settings.search.turns), scales: word(settings.search.scales),
      precision: settings.precision.rawValue,
      threshold: Double("\(threshold)") ?? Double(threshold), maxMatches: settings.matching.maximumMatches,
      geometry: settings.geometryKind?.rawValue ?? GeometryRequest.none.rawValue,
      estimator: robust.estimator.rawValue, inlierThreshold: robust.threshold, confidence: robust.confidence,
      maxIterations: robust.maxIterations, camera0: settings.cameras?.first,
      camera1: settings.cameras?.second,
      threads: run.compute.threads, seed: settings.seed, refine: robust.refine, model: name, weights: weights)
  }
}

extension ImageRecord {
  package init(path: String, _ frame: SeenFrame) {
    self.init(
      path: path, width: frame.photoWidth, height: frame.photoHeight, networkWidth: frame.size.width,
      networkHeight: frame.size.height, view: ViewRecord(frame.view))
  }
}

extension ViewRecord {
  /// Nil for a whole, upright photo.
  fileprivate init?(_ view: PhotoView) {
    guard view.turns != .none || view.region != nil else { return nil }
    self.init(
      quarterTurns: view.turns.count, region: view.region.map { [$0.x, $0.y, $0.width, $0.height] })
  }
}

extension ModelRecord {
  package init(_ file: ModelFile) {
    self.init(
      name: file.name, architecture: file.architecture, sha256: file.sha256,
      parameters: file.parameterCount, license: file.license.isEmpty ? nil : file.license)
  }
}
