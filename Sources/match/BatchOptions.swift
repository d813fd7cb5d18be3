import ArgumentParser
import Batch
import Geometry
import Glibc
import PairStore
import PhotoMatching
import Pipeline
import Tensor

struct MemorySize {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  /// Parses a number of bytes such as 2GB or 500MB. Throws `ValidationError`.
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

/// The options of `match batch`.
struct BatchOptions: ParsableArguments {
  @Argument(help: "The folder of the photos, including its subfolders.") var folder: String
  @Option(name: .shortAndLong, help: "The folder for the results; created if missing.") var output: String

  @Option(help: "A list of pairs: per line two paths within the folder, separated by a space or tab.")
  var pairs: String?
  @Flag(help: "Every photo with every other (the default).") var exhaustive = false
  @Option(help: "Every photo with the N that follow it by name.") var sequential: Int?
  @Option(help: "Every photo with the N most similar ones.") var overlapSearch: Int?
  @Option(help: "Write the pairs to this file, one per line, without matching them.") var writePairs: String?
  @Option(
    help: ArgumentHelp("Match only part I of N, counted from 1.", valueName: "I/N"),
    transform: { try Shard(parsing: $0) })
  var shard: Shard?

  @Option(help: "A folder of masks, a.jpg.png for a.jpg: matches that end on black are dropped.")
  var masks: String?
  @Option(help: "A built-in model (see 'match model list').") var model: String?
  @Option(help: "A weights file instead of a built-in model.") var weights: String?
  @OptionGroup var variantOption: VariantOption
  @Option(help: "Longer side, in pixels, at which the network sees a photo; 0: full size. Never enlarges.")
  var maxSize = MatchSettings.defaultMaxSize
  @OptionGroup var views: ViewOptions
  @Option(help: "Minimum score of a match, 0 to 1 (default: the model's own).") var threshold: Float?
  @Option(help: "Keep only the N highest-scoring matches per pair.") var maxMatches: Int?
  @OptionGroup var precisionOption: PrecisionOption

  @Option(help: "What to estimate from each pair's matches: none, homography, fundamental.")
  var geometry = GeometryRequest.fundamental
  @Option(help: "Robust estimator: \(Estimator.allCases.map(\.rawValue).joined(separator: ", ")).")
  var estimator = Estimator.magsac
  @Option(
    help: """
      Largest error of an inlier, in pixels of the photos (default: 1.5 of the network's pixels, 3 for a homography).
      """)
  var inlierThreshold: Double?
  @Option(help: "Random seed of the robust estimator.") var seed: UInt64 = 0
  @Flag(inversion: .prefixedNo, help: "Refine a homography on its inliers.") var refine = true

  @Option(
    help: "Memory limit, such as 2GB or 500MB; features beyond it go to disk (default: 2GB).",
    transform: { try MemorySize(parsing: $0) })
  var memory = MemorySize(bytes: 2_000_000_000)
  @Option(help: "Maximum number of threads (default: all processors).") var threads: Int?
  @Flag(help: "Recompute features for every pair, to measure what caching gains.") var noCache = false
  @Flag(help: "Retry pairs that failed before.") var retryFailed = false
  @Flag(name: .shortAndLong, help: "Print only errors.") var quiet = false
  @Flag(name: .shortAndLong, help: "Print more details.") var verbose = false

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
      try refuse("\(selections.joined(separator: " and ")) cannot be combined: use one")
    }
    if overlapSearch != nil && shard != nil {
      try refuse(
        "--shard would repeat the overlap search in every shard: write its pairs once with --write-pairs FILE, then "
          + "give every shard --pairs FILE")
    }
    if writePairs?.isEmpty == true { try refuse("--write-pairs: the path is empty: name a file") }
    if quiet && verbose { try refuse("--quiet and --verbose cannot be combined: use one") }
    try checkModel(model, weights: weights)
    try checkVariant(variantOption.variant, weights: weights)
    if geometry == .essential {
      try refuse(
        "--geometry essential needs cameras, which a batch does not have: use fundamental or homography")
    }
    if output.isEmpty { try refuse("--output: the path is empty: name a folder") }
    if folder.isEmpty { try refuse("the folder of the photos is empty: name a folder") }
  }

  /// The options that chose the pairs and the weights' variant, for the store's header: with others, a run cannot
  /// resume.
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

  /// The pairs asked for; a placeholder for an overlap search, which has yet to find them. Throws `BatchError`.
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
  /// Parses I/N. Throws `ValidationError`.
  init(parsing text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], (1...1_000_000).contains(count),
      (1...count).contains(index)
    else { throw ValidationError("use I/N with I from 1 to N, as in 3/8") }
    self.init(index: index, count: count)
  }
}
