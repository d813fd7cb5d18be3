// The JSON beside the CSV: what was matched, with which model and options, what came out, and how long it took.
// Everything needed to repeat the run. Fields and units are described in docs/formats.md.

import Files
import Geometry

/// The record of one run: two pictures, one model, one result.
package struct RunRecord: Codable, Equatable, Sendable {
  /// The value of `format` that this version writes.
  package static let currentFormat = "match-run/1"

  /// The kind and version of this record: "match-run/1".
  package let format: String
  /// The version of the program.
  package var version: String
  /// Every option in force, defaults included.
  package var options: RunOptions
  /// The two pictures, in the order of the command line.
  package var images: [ImageRecord]
  /// The model.
  package var model: ModelRecord
  /// The relation between the pictures.
  package var geometry: GeometryRecord
  /// How many of what.
  package var counts: CountRecord
  /// The stages in the order in which they ran.
  package var timings: [TimingRecord]
  /// From start to result, wall-clock seconds; more than the sum of the stages.
  package var totalSeconds: Double

  /// A record of the current format.
  package init(
    version: String, options: RunOptions, images: [ImageRecord], model: ModelRecord,
    geometry: GeometryRecord, counts: CountRecord, timings: [TimingRecord], totalSeconds: Double
  ) {
    format = Self.currentFormat
    self.version = version
    self.options = options
    self.images = images
    self.model = model
    self.geometry = geometry
    self.counts = counts
    self.timings = timings
    self.totalSeconds = totalSeconds
  }

  /// The record as indented JSON with sorted keys, UTF-8, ending with a line end. Fields without a value are
  /// left out.
  ///
  /// Throws `RecordError.notFinite` where a number is infinite or not a number.
  package func encoded() throws(RecordError) -> [UInt8] { try RecordJSON.encode(self) }
}
