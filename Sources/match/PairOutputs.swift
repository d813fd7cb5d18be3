import Export
import Files
import Geometry
import Imaging
import Matching
import PhotoMatching
import Pipeline

/// CSV, JSON and picture of a run, as requested. All bytes are made before the first file is touched, and no file
/// appears under its name before all are complete: a failure leaves none.
struct PairOutputs {
  private let options: PairOptions
  private let result: PairResult
  private let record: RunRecord

  init(_ options: PairOptions, _ run: PairRun, _ result: PairResult, timer: StageTimer) {
    self.options = options
    self.result = result
    record = RunRecord(run, result, timer: timer)
  }

  /// Throws `ImagingError`, `FileError`, `RecordError`, `OutputClosed`.
  func write() throws {
    let csv =
      options.output == nil
      ? [] : CorrespondenceCSV.encode(result.matches.correspondences, inliers: result.inliers)
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

  /// A complete file, not yet under its name.
  private func started(_ path: String?, _ bytes: [UInt8]) throws(FileError) -> AtomicFile? {
    guard let path else { return nil }
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    return file
  }

  private func drawn(as path: String) throws -> [UInt8] {
    // Only one full-size photo in memory at a time: two of 400 megapixels would need 2.4 GB.
    let (left, leftScaling) = try pictureToDraw(result.photos.first)
    let (right, rightScaling) = try pictureToDraw(result.photos.second)
    let matches = result.matches
    let canvas = try MatchPicture.render(
      left: left, right: right,
      correspondences: matches.correspondences.mapped(leftScaling.toResized, rightScaling.toResized),
      inliers: result.geometry?.estimate?.inlierMask,
      caption: MatchCaption.text(matches: matches.count, geometry: result.geometry))
    return try canvas.encoded(as: path)
  }

  /// The photo in colour, no larger than a picture of matches can show.
  private func pictureToDraw(_ photo: Photo) throws -> (ColorImage, PixelScaling) {
    let picture = try ImageReader(path: photo.path).color()
    let size = NetworkSize(width: picture.width, height: picture.height, maxSize: 2048, multiple: 1)
    let scaling = PixelScaling(
      originalWidth: picture.width, originalHeight: picture.height, resizedWidth: size.width,
      resizedHeight: size.height)
    return (try picture.resized(width: size.width, height: size.height), scaling)
  }
}
