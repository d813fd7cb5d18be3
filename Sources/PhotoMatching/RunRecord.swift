// The JSON beside the CSV: what was matched, with which model and options, what came out, and how long it took.
// Everything needed to repeat the run. Fields and units are described in docs/formats.md.

import Files

/// The record of one run: two pictures, one model, one result.
package struct RunRecord: Codable, Equatable, Sendable {
  /// The value of `format` that this version writes.
  package static let currentFormat = "match-run/1"

  /// The kind and version of this record: "match-run/1".
  package private(set) var format = currentFormat
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

  /// The record as indented JSON with sorted keys, UTF-8, ending with a line end. Fields without a value are
  /// left out.
  ///
  /// Throws `RecordError.notFinite` where a number is infinite or not a number.
  package func encoded() throws(RecordError) -> [UInt8] { try RecordJSON.encode(self) }
}

/// One picture of a run.
package struct ImageRecord: Codable, Equatable, Sendable {
  /// The file's name without folders.
  package var name: String
  /// The path as it was given.
  package var path: String
  /// Columns of the original, after its EXIF orientation was applied.
  package var width: Int
  /// Rows of the original, after its EXIF orientation was applied.
  package var height: Int
  /// Columns that the network saw, before any turn.
  package var networkWidth: Int
  /// Rows that the network saw, before any turn.
  package var networkHeight: Int
  /// How it was shown to the network; nil: upright and as a whole.
  package var view: ViewRecord?

  /// A picture from its path and sizes; the name is the path's last part.
  init(
    path: String, width: Int, height: Int, networkWidth: Int, networkHeight: Int, view: ViewRecord? = nil
  ) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    self.path = path
    self.width = width
    self.height = height
    self.networkWidth = networkWidth
    self.networkHeight = networkHeight
    self.view = view
  }
}

/// Another than the usual way to show a picture to the network.
package struct ViewRecord: Codable, Equatable, Sendable {
  /// Quarter turns counter-clockwise, 0...3.
  package var quarterTurns: Int
  /// The part that was shown, original pixels: x, y, width, height; nil: the whole.
  package var region: [Int]?
}

/// The model of a run.
package struct ModelRecord: Codable, Equatable, Sendable {
  /// Its name.
  package var name: String
  /// Its architecture.
  package var architecture: String
  /// SHA-256 of the whole model file, lower-case hexadecimal.
  package var sha256: String
  /// The number of its parameters.
  package var parameters: Int
  /// The licence of its weights; nil: not stated.
  package var license: String?
}

/// How many of what a run had.
package struct CountRecord: Codable, Equatable, Sendable {
  /// Coarse cells of the first picture that could be matched.
  package var coarseCells0: Int
  /// Coarse cells of the second picture that could be matched.
  package var coarseCells1: Int
  /// Pairs of cells, before refinement dropped some.
  package var coarseMatches: Int
  /// Matches, as many as the CSV has rows below its header.
  package var matches: Int
  /// Of these, matches aligned on the photos' grey values.
  package var refined = 0
  /// Matches that agree with the geometry; 0 where none was estimated.
  package var inliers: Int
}

/// The time of one stage.
package struct TimingRecord: Codable, Equatable, Sendable {
  /// The stage's name.
  package var stage: String
  /// Wall-clock seconds.
  package var seconds: Double
}
