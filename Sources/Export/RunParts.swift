// The parts of a run's record: pictures, model, counts, timings. Geometry has its own file.

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
  package init(
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

  /// A view from its values.
  package init(quarterTurns: Int, region: [Int]? = nil) {
    self.quarterTurns = quarterTurns
    self.region = region
  }
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

  /// A model from its values.
  package init(name: String, architecture: String, sha256: String, parameters: Int, license: String? = nil) {
    self.name = name
    self.architecture = architecture
    self.sha256 = sha256
    self.parameters = parameters
    self.license = license
  }
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
  /// Matches that agree with the geometry; 0 where none was estimated.
  package var inliers: Int

  /// Counts from their values.
  package init(coarseCells0: Int, coarseCells1: Int, coarseMatches: Int, matches: Int, inliers: Int) {
    self.coarseCells0 = coarseCells0
    self.coarseCells1 = coarseCells1
    self.coarseMatches = coarseMatches
    self.matches = matches
    self.inliers = inliers
  }
}

/// The time of one stage.
package struct TimingRecord: Codable, Equatable, Sendable {
  /// The stage's name.
  package var stage: String
  /// Wall-clock seconds.
  package var seconds: Double

  /// A stage and its time.
  package init(stage: String, seconds: Double) {
    self.stage = stage
    self.seconds = seconds
  }
}
