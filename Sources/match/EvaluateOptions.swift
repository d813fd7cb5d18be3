import ArgumentParser
import Evaluation

extension EvaluationProtocol: ExpressibleByArgument {}

/// The options that all evaluations share.
struct EvaluateOptions: ParsableArguments {
  @Option(
    help: """
      Matchers, separated by commas: \(MatcherList.knownNames.joined(separator: ", ")). NAME@PX sets the image size of \
      one of them, as in sift@1200, and NAME:PRECISION the precision of a network, as in compact:network.
      """)
  var matcher = "compact,sift,orb,akaze"
  @Option(help: "A weights file to evaluate instead of the built-in model.") var weights: String?
  @OptionGroup var variantOption: VariantOption
  @Option(
    name: .customLong("protocol"),
    help: """
      classic: the recipe of SuperGlue and LoFTR; modern: MAGSAC++, refined; unrefined: the same without refinement.
      """)
  var protocolName = EvaluationProtocol.classic
  @Option(help: "Estimates per pair, each with its own seed; figures are their means.") var repeats = 5
  @Option(help: "Seed of the first repeat; the next ones count up from it.") var seed: UInt64 = 0
  @Option(help: "Longer side, in pixels, at which matchers see a photo; 0: full size. Never enlarges.")
  var maxSize = 640
  @OptionGroup var views: ViewOptions
  @OptionGroup var precisionOption: PrecisionOption
  @Option(
    help: """
      Largest error of a precise match: the symmetric squared epipolar error in normalised coordinates for \
      poses (default 1e-4; papers use 5e-4 indoors), pixels for homographies (default 3).
      """)
  var precisionThreshold: Double?
  @Option(
    help: "Largest error of an inlier, in pixels (default: the protocol's; the table says in which pixels).")
  var inlierThreshold: Double?
  @Option(help: "Maximum number of threads (default: all processors).") var threads: Int?

  @Option(name: .shortAndLong, help: "Write all figures as JSON.") var output: String?
  @Option(help: "Write one row per matcher and pair as CSV.") var csv: String?
  @Option(help: "Write a report with curves and pictures as one HTML file.") var report: String?
  @Option(help: "Write the matches of every pair to this folder: MATCHER/NUMBER.csv, numbers from 1.")
  var matches: String?
  @Option(help: "The folder for cached predictions (default: match/predictions in the user's cache).")
  var cache: String?
  @Flag(help: "Neither read nor write cached predictions.") var noCache = false

  func validate() throws {
    func refuse(_ text: String) throws { throw ValidationError(text) }
    if !(1...1000).contains(repeats) { try refuse("--repeats \(repeats) is out of range: use 1 to 1000") }
    try checkMaxSize(maxSize)
    if let precisionThreshold, !(precisionThreshold > 0 && precisionThreshold.isFinite) {
      try refuse("--precision-threshold \(precisionThreshold) is out of range: use a positive number")
    }
    try checkInlierThreshold(inlierThreshold)
    try checkVariant(variantOption.variant, weights: weights)
    try checkThreads(threads)
    if noCache && cache != nil { try refuse("--cache and --no-cache cannot be combined: use one") }
    for path in [output, csv, report, cache, matches] where path?.isEmpty == true {
      try refuse("an output path is empty: name a file or folder")
    }
  }
}
