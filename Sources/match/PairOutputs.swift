// The files of a run. All bytes are made before the first file is touched, and the files appear under their names
// only when all of them are complete: a failure leaves none.

import Export
import Geometry
import Imaging
import Models
import Pipeline

/// CSV, JSON and picture, as far as they were asked for.
struct PairOutputs {
  private let result: PairResult
  private let stages: [TimingRecord]
  private let totalSeconds: Double

  /// - Parameters:
  ///   - result: what the run found.
  ///   - timer: the stages before writing.
  init(_ result: PairResult, timer: StageTimer) {
    self.result = result
    stages = timer.stages.map { TimingRecord(stage: $0.stage, seconds: $0.seconds) }
    totalSeconds = timer.total
  }

  /// - Throws: `ImagingError`, `ExportError`, `OutputClosed`.
  func write() throws {
    let options = result.options
    let csv = options.output == nil ? [] : CorrespondenceCSV.encode(correspondences)
    let json = options.json == nil ? [] : try record.encoded()
    let picture = try options.draw.map { try drawn(as: $0) } ?? []
    var drawFile = try started(options.draw, picture)
    var jsonFile = try started(options.json, json)
    var csvFile = try started(options.output == "-" ? nil : options.output, csv)
    if options.output == "-" { try StandardStream.output.writeAll(csv) }
    try drawFile.take()?.commit()
    try jsonFile.take()?.commit()
    try csvFile.take()?.commit()
  }

  /// A file with all its bytes, which has no name yet.
  private func started(_ path: String?, _ bytes: [UInt8]) throws(ImagingError) -> AtomicFile? {
    guard let path else { return nil }
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    return file
  }

  private var correspondences: Correspondences {
    Correspondences(
      points0: result.matches.points0, points1: result.matches.points1, scores: result.matches.scores,
      inliers: result.inliers)
  }

  private func drawn(as path: String) throws -> [UInt8] {
    // One full-size photo in memory at a time: two of 400 megapixels would need 2.4 GB.
    let (left, leftScaling) = try pictureToDraw(result.photos[0])
    let (right, rightScaling) = try pictureToDraw(result.photos[1])
    let matches = result.matches
    let shown = Correspondences(
      points0: leftScaling.toResized(matches.points0), points1: rightScaling.toResized(matches.points1),
      scores: matches.scores, inliers: result.inliers)
    let canvas = try MatchPicture.render(
      left: left, right: right, correspondences: shown,
      caption: MatchCaption.text(matches: matches.count, geometry: result.geometry),
      geometryEstimated: result.geometry?.estimate != nil)
    return try canvas.encoded(as: path)
  }

  /// The photo in colour, no larger than a picture of matches can show it.
  private func pictureToDraw(_ photo: Photo) throws -> (ColorImage, PixelScaling) {
    let picture = try ImageReader(path: photo.path).color()
    let size = NetworkSize(width: picture.width, height: picture.height, maxSize: 2048, multiple: 1)
    let scaling = PixelScaling(
      originalWidth: picture.width, originalHeight: picture.height, resizedWidth: size.width,
      resizedHeight: size.height)
    return (try picture.resized(width: size.width, height: size.height), scaling)
  }

  private var record: RunRecord {
    let (options, matches) = (result.options, result.matches)
    let robust = result.robustOptions
    // By way of its text, so that 0.2 does not become 0.20000000298.
    let threshold = options.threshold ?? result.model.matcher.coarseMatcher.defaultThreshold
    let geometry = GeometryRecord(result.geometry, threshold: robust.threshold)
    let statistics = matches.statistics
    return RunRecord(
      version: programVersion,
      options: RunOptions(
        maxSize: options.maxSize, rotations: options.views.search().rotations.rawValue,
        scales: options.views.search().ratios.rawValue,
        threshold: Double("\(threshold)") ?? Double(threshold),
        maxMatches: options.maxMatches,
        geometry: options.geometryKind?.rawValue ?? GeometryChoice.none.rawValue,
        estimator: robust.estimator.rawValue, inlierThreshold: robust.threshold,
        confidence: robust.confidence,
        maxIterations: robust.maxIterations, camera0: options.camera0, camera1: options.camera1,
        threads: result.compute.threads, seed: options.seed, refine: robust.refine,
        model: options.weights == nil ? options.model ?? ModelCatalog.defaultName : nil,
        weights: options.weights),
      images: result.photos.indices.map { index in
        let (photo, size, view) = (result.photos[index], matches.networkSizes[index], matches.views[index])
        return ImageRecord(
          path: photo.path, width: photo.image.width, height: photo.image.height, networkWidth: size.width,
          networkHeight: size.height, view: ViewRecord(view))
      },
      model: ModelRecord(result.model.file),
      geometry: geometry,
      counts: CountRecord(
        coarseCells0: statistics.cells[0], coarseCells1: statistics.cells[1],
        coarseMatches: statistics.coarseMatches, matches: matches.count, inliers: geometry.inliers),
      timings: stages, totalSeconds: totalSeconds)
  }
}

extension ViewRecord {
  /// The record of a view; nil for a whole, upright photo.
  fileprivate init?(_ view: PhotoView) {
    guard view.turns != .none || view.region != nil else { return nil }
    self.init(
      quarterTurns: view.turns.count, region: view.region.map { [$0.x, $0.y, $0.width, $0.height] })
  }
}
