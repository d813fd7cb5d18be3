import ArgumentParser
import Files
import Geometry
import Imaging
import Matching
import Models
import PhotoMatching
import Pipeline

extension GeometryRequest: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}

/// The options of the default subcommand.
struct PairOptions: ParsableArguments {
  @Argument(help: "The first photo.") var first: String
  @Argument(help: "The second photo.") var second: String

  @Option(name: .shortAndLong, help: "Write the correspondences as CSV; - for standard output.")
  var output: String?
  @Option(help: "Write a record of the run as JSON.") var json: String?
  @Option(help: "Draw both photos with their matches (.png, .jpg).") var draw: String?

  @Option(help: "A built-in model (see 'match model list').") var model: String?
  @Option(help: "A weights file instead of a built-in model.") var weights: String?
  @OptionGroup var variantOption: VariantOption
  @Option(help: "Longer side, in pixels, at which the network sees a photo; 0: full size. Never enlarges.")
  var maxSize = MatchSettings.defaultMaxSize
  @OptionGroup var views: ViewOptions
  @Option(help: "Minimum score of a match, 0 to 1 (default: the model's own).") var threshold: Float?
  @Option(help: "Keep only the N highest-scoring matches.") var maxMatches: Int?
  @OptionGroup var precisionOption: PrecisionOption

  @Option(
    help: """
      What to estimate: none, homography, fundamental, essential \
      (default: essential if both cameras are given, else fundamental).
      """)
  var geometry: GeometryRequest?
  @Option(
    help: ArgumentHelp("Camera of the first photo, in its pixels.", valueName: "fx,fy,cx,cy"),
    transform: { try Camera(parsing: $0) })
  var camera0: Camera?
  @Option(
    help: ArgumentHelp("Camera of the second photo, likewise.", valueName: "fx,fy,cx,cy"),
    transform: { try Camera(parsing: $0) })
  var camera1: Camera?
  @Option(help: "Robust estimator: \(Estimator.allCases.map(\.rawValue).joined(separator: ", ")).")
  var estimator = Estimator.magsac
  @Option(
    help: """
      Largest error of an inlier, in pixels of the photos (default: 1.5 of the network's pixels, 3 for a homography).
      """)
  var inlierThreshold: Double?

  @Option(help: "Maximum number of threads (default: all processors).") var threads: Int?
  @Option(help: "Random seed of the robust estimator.") var seed: UInt64 = 0
  @Flag(inversion: .prefixedNo, help: "Refine a homography or an essential matrix on its inliers.")
  var refine = true
  @Flag(name: .shortAndLong, help: "Print only errors.") var quiet = false
  @Flag(name: .shortAndLong, help: "Print more details.") var verbose = false

  var settings: MatchSettings {
    var settings = MatchSettings()
    settings.model = ModelSource(named: model, orAt: weights, variant: variantOption.variant)
    settings.maxSize = maxSize
    settings.search = views.search()
    settings.matching = MatchingOptions(threshold: threshold, maximumMatches: maxMatches)
    settings.precision = precisionOption.precision
    settings.geometry = geometry
    settings.cameras = camera0.flatMap { first in camera1.map { Pair(first, $0) } }
    settings.estimator = estimator
    settings.inlierThreshold = inlierThreshold
    settings.seed = seed
    settings.refine = refine
    settings.threads = threads
    return settings
  }

  func validate() throws {
    func refuse(_ text: String) throws { throw ValidationError(text) }
    try checkMaxSize(maxSize)
    try checkMatches(threshold: threshold, most: maxMatches)
    try checkThreads(threads)
    try checkInlierThreshold(inlierThreshold)
    if quiet && verbose { try refuse("--quiet and --verbose cannot be combined: use one") }
    try checkVariant(variantOption.variant, weights: weights)
    try checkModel(model, weights: weights)
    if (camera0 == nil) != (camera1 == nil) {
      try refuse("--camera\(camera0 == nil ? 0 : 1) is missing: give the cameras of both photos, or none")
    }
    if geometry == .essential && camera0 == nil {
      try refuse("--geometry essential needs the cameras of both photos: give --camera0 and --camera1")
    }
    if settings.geometryKind == .essential && estimator == .lmeds {
      try refuse("--estimator lmeds does not estimate an essential matrix: use another estimator")
    }
    if let draw, !ImageEncoder.canEncode(as: draw) {
      try refuse("--draw \(draw): no picture format has this extension: use .png or .jpg")
    }
    try validateOutputs()
  }

  /// Refuses outputs that would overwrite each other or an input.
  private func validateOutputs() throws {
    let outputs = [("--output", output), ("--json", json), ("--draw", draw)].compactMap { name, path in
      path.map { (name, $0) }
    }
    for (index, (name, path)) in outputs.enumerated() {
      if path.isEmpty { throw ValidationError("\(name): the path is empty: name a file") }
      if path == "-" && name != "--output" {
        throw ValidationError("\(name) -: only the CSV goes to standard output: name a file")
      }
      for input in [first, second] + [weights].compactMap({ $0 }) where Path.nameSameFile(path, input) {
        throw ValidationError("\(name) \(path) would overwrite an input: name another file")
      }
      for (other, otherPath) in outputs[..<index] where path != "-" && Path.nameSameFile(path, otherPath) {
        throw ValidationError("\(other) and \(name) name the same file \(path): name two files")
      }
    }
  }
}
