// The parts of a run's record: pictures, model, counts, timings. Geometry has its own file.

/// One picture of a run.
public struct ImageRecord: Codable, Equatable, Sendable {
  /// The file's name without folders.
  public var name: String
  /// The path as it was given.
  public var path: String
  /// Columns of the original, after its EXIF orientation was applied.
  public var width: Int
  /// Rows of the original, after its EXIF orientation was applied.
  public var height: Int
  /// Columns that the network saw, before any turn.
  public var networkWidth: Int
  /// Rows that the network saw, before any turn.
  public var networkHeight: Int
  /// How it was shown to the network; nil: upright and as a whole.
  public var view: ViewRecord?

  /// A picture from its path and sizes; the name is the path's last part.
  public init(
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
public struct ViewRecord: Codable, Equatable, Sendable {
  /// Quarter turns counter-clockwise, 0...3.
  public var quarterTurns: Int
  /// The part that was shown, original pixels: x, y, width, height; nil: the whole.
  public var region: [Int]?

  /// A view from its values.
  public init(quarterTurns: Int, region: [Int]? = nil) {
    self.quarterTurns = quarterTurns
    self.region = region
  }
}

/// The model of a run.
public struct ModelRecord: Codable, Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Its architecture.
  public var architecture: String
  /// SHA-256 of the whole model file, lower-case hexadecimal.
  public var sha256: String
  /// The number of its parameters.
  public var parameters: Int
  /// The licence of its weights; nil: not stated.
  public var license: String?

  /// A model from its values.
  public init(name: String, architecture: String, sha256: String, parameters: Int, license: String? = nil) {
    self.name = name
    self.architecture = architecture
    self.sha256 = sha256
    self.parameters = parameters
    self.license = license
  }
}

/// How many of what a run had.
public struct CountRecord: Codable, Equatable, Sendable {
  /// Coarse cells of the first picture that could be matched.
  public var coarseCells0: Int
  /// Coarse cells of the second picture that could be matched.
  public var coarseCells1: Int
  /// Pairs of cells, before refinement dropped some.
  public var coarseMatches: Int
  /// Matches, as many as the CSV has rows below its header.
  public var matches: Int
  /// Matches that agree with the geometry; 0 where none was estimated.
  public var inliers: Int

  /// Counts from their values.
  public init(coarseCells0: Int, coarseCells1: Int, coarseMatches: Int, matches: Int, inliers: Int) {
    self.coarseCells0 = coarseCells0
    self.coarseCells1 = coarseCells1
    self.coarseMatches = coarseMatches
    self.matches = matches
    self.inliers = inliers
  }
}

/// The time of one stage.
public struct TimingRecord: Codable, Equatable, Sendable {
  /// The stage's name.
  public var stage: String
  /// Wall-clock seconds.
  public var seconds: Double

  /// A stage and its time.
  public init(stage: String, seconds: Double) {
    self.stage = stage
    self.seconds = seconds
  }
}
