// The options of match batch, and what is refused before any work starts.

import ArgumentParser
import Batch
import Geometry
import Glibc
import PairStore
import PhotoMatching
import Pipeline
import Tensor

/// A number of bytes such as 2GB or 500MB.
struct MemorySize {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  /// Throws `ValidationError` for anything but a positive number with its unit.
  init(parsing argument: String) throws {
    let units: [(String, Double)] = [("GB", 1e9), ("MB", 1e6), ("G", 1e9), ("M", 1e6)]
    let text = argument.uppercased()
    guard let unit = units.first(where: { text.hasSuffix($0.0) }),
      let value = Double(text.dropLast(unit.0.count)),
      value > 0, value * unit.1 < 1e15
    else { throw ValidationError("use a positive number with its unit, as in 2GB or 500MB") }
    bytes = Int(value * unit.1)
  }
}

/// Everything that a user may ask of a batch.
struct BatchOptions: ParsableArguments {
  @Argument(help: "The folder of the photos; those of its subfolders count too.") var folder: String
  @Option(name: .shortAndLong, help: "The folder for the results; made where it is missing.") var output:
    String

  @Option(
    help: "A list of pairs: two names a line, paths within the folder, with a space or tab between them.")
  var pairs: String?
  @Flag(help: "Every photo with every other (the default).") var exhaustive = false
  @Option(help: "Every photo with the N that follow it by name.") var sequential: Int?
  @Option(help: "Every photo with the N that look most alike.") var overlapSearch: Int?
  @Option(help: "Write the pairs to this file, one a line, and end without matching them.") var writePairs:
    String?
  @Option(
    help: ArgumentHelp("Match part I of N only, I from 1.", valueName: "I/N"),
    transform: { try Shard(parsing: $0) })
  var shard: Shard?

  @Option(help: "A folder of masks, a.jpg.png for a.jpg: matches with an end on black are dropped.")
  var masks: String?
  @Option(help: "A model inside this program (see 'match model list').") var model: String?
  @Option(help: "A weights file, instead of a model inside this program.") var weights: String?
  @OptionGroup var variantOption: VariantOption
  @Option(help: "Longer side, in pixels, at which the network sees a photo; 0: as it is. Never enlarges.")
  var maxSize = MatchSettings.defaultMaxSize
  @OptionGroup var views: ViewOptions
  @Option(help: "Least score of a match, 0 to 1 (default: the model's own).") var threshold: Float?
  @Option(help: "Keep at most this many matches of a pair, those of highest score.") var maxMatches: Int?

  @Option(help: "What to estimate from each pair's matches: none, homography, fundamental.")
  var geometry = GeometryRequest.fundamental
  @Option(help: "Robust estimator: \(Estimator.allCases.map(\.rawValue).joined(separator: ", ")).")
  var estimator = Estimator.magsac
  @Option(
    help: """
      Largest error of an inlier, in pixels of the photos (default: 1.5 pixels as the network sees them, \
      3 for a homography).
      """)
  var inlierThreshold: Double?
  @Option(help: "Seed of the robust estimator's random numbers.") var seed: UInt64 = 0
  @Flag(inversion: .prefixedNo, help: "Refine a homography on its inliers.") var refine = true

  @Option(
    help:
      "Memory that the program may take, as in 2GB or 500MB; features beyond it go to disk (default: 2GB).",
    transform: { try MemorySize(parsing: $0) })
  var memory = MemorySize(bytes: 2_000_000_000)
  @Option(help: "Most threads to use (default: all processors).") var threads: Int?
  @Flag(help: "Make features anew for every pair, to see what keeping them gains.") var noCache = false
  @Flag(help: "Try again the pairs that failed before.") var retryFailed = false
  @Flag(name: .shortAndLong, help: "Print nothing but errors.") var quiet = false
  @Flag(name: .shortAndLong, help: "Print more about the run.") var verbose = false

  func validate() throws {
    func refuse(_ text: String) throws { throw ValidationError(text) }
    try checkMaxSize(maxSize)
    try checkMatches(threshold: threshold, most: maxMatches)
    try checkThreads(threads)
    try checkInlierThreshold(inlierThreshold)
    for (name, value) in [("--sequential", sequential), ("--overlap-search", overlapSearch)] {
      if let value, value < 1 { try refuse("\(name) \(value) is out of range: use 1 or more") }
    }
    let selections = [
      pairs.map { _ in "--pairs" }, exhaustive ? "--exhaustive" : nil, sequential.map { _ in "--sequential" },
      overlapSearch.map { _ in "--overlap-search" },
    ].compactMap { $0 }
    if selections.count > 1 {
      try refuse("\(selections.joined(separator: " and ")) exclude each other: use one")
    }
    if overlapSearch != nil && shard != nil {
      try refuse(
        "--shard would repeat the overlap search in every shard: write its pairs once with --write-pairs FILE, and "
          + "give the shards --pairs FILE")
    }
    if writePairs?.isEmpty == true { try refuse("--write-pairs: the path is empty: name a file") }
    if quiet && verbose { try refuse("--quiet and --verbose exclude each other: use one") }
    try checkModel(model, weights: weights)
    try checkVariant(variantOption.variant, weights: weights)
    if geometry == .essential {
      try refuse(
        "--geometry essential needs cameras, which a batch does not know: use fundamental or homography")
    }
    if output.isEmpty { try refuse("--output: the path is empty: name a folder") }
    if folder.isEmpty { try refuse("the folder of the photos has an empty name: name a folder") }
  }

  /// The options that chose the pairs and the variant of the weights, for the store's header: a run with others is
  /// another one.
  var choices: [String: String] {
    var choices = selection
    let variant = variantOption.variant.chosen
    if !variant.isEmpty { choices["variant"] = variant.joined(separator: ",") }
    return choices
  }

  private var selection: [String: String] {
    if pairs != nil { return ["pairs": "a list"] }
    if let sequential { return ["sequential": "\(sequential)"] }
    if let overlapSearch { return ["overlap-search": "\(overlapSearch)"] }
    return ["exhaustive": "yes"]
  }

  /// The pairs asked for; for an overlap search, which has yet to find them, any.
  ///
  /// - Throws: `BatchError`.
  func pairs(_ images: ImageFolder) throws -> [ImagePair] {
    let count = images.names.count
    let chosen: [ImagePair]
    if let pairs {
      chosen = try PairList.read(path: pairs, images: images)
    } else if let sequential {
      chosen = PairList.sequential(count: count, overlap: sequential)
    } else if overlapSearch != nil {
      chosen = count > 1 ? [ImagePair(0, 1)] : []
    } else {
      chosen = PairList.exhaustive(count: count)
    }
    guard !chosen.isEmpty else { throw BatchError.noPairs(source: pairs ?? folder) }
    return chosen
  }
}

extension Shard {
  /// I/N.
  init(parsing text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], (1...1_000_000).contains(count),
      (1...count).contains(index)
    else { throw ValidationError("use I/N with I from 1 to N, as in 3/8") }
    self.init(index: index, count: count)
  }
}
