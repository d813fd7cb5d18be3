// What a batch does: images, pairs, model, options. Nothing here depends on the machine or on how often the batch was
// interrupted.

import Files
import Geometry
import Matching
import PairStore
import Models
import Pipeline
import Weights

/// How pairs are verified.
package struct BatchGeometry: Sendable {
  /// The model to estimate; nil for none.
  package var kind: GeometryKind?
  /// Estimator, seed, refinement; the threshold counts only where `threshold` is given.
  package var options: RobustOptions
  /// Largest error of an inlier in pixels of the images; nil: see `GeometryVerification.defaultThreshold`.
  package var threshold: Double?

  /// A verification from its parts.
  package init(kind: GeometryKind?, options: RobustOptions, threshold: Double? = nil) {
    self.kind = kind
    self.options = options
    self.threshold = threshold
  }
}

/// A batch of pairs.
package struct BatchPlan: Sendable {
  /// The images.
  package let images: ImageFolder
  /// The pairs of all shards, in their order.
  package let pairs: [ImagePair]
  /// The part of the pairs to match here.
  package let shard: Shard
  /// The network.
  package let model: Model
  /// Longer side at which the network sees an image, pixels; 0 for the image as it is.
  package let maxSize: Int
  /// Threshold and limit of matches.
  package let matching: MatchingOptions
  /// Which other ways to show a pair are tried.
  package let search: ViewSearch
  /// Verification of the matches.
  package let geometry: BatchGeometry
  /// Masks of the images.
  package let masks: MaskFolder?
  /// What the store says of the run.
  package let header: PairStoreHeader

  /// - Parameters:
  ///   - pairs: the pairs of all shards; they are put in order.
  ///   - selection: the options that chose the pairs, by name, for the store's header.
  ///   - version: version of the program.
  package init(
    images: ImageFolder, pairs: [ImagePair], selection: [String: String], shard: Shard, model: Model,
    maxSize: Int, matching: MatchingOptions, search: ViewSearch, geometry: BatchGeometry, masks: MaskFolder?,
    version: String
  ) {
    self.images = images
    self.pairs = PairList.ordered(pairs)
    self.shard = shard
    self.model = model
    self.maxSize = maxSize
    self.matching = matching
    self.search = search
    self.geometry = geometry
    self.masks = masks
    let list = self.pairs.map { "\(images.names[$0.first])\t\(images.names[$0.second])\n" }.joined()
    var options = selection
    options["max-size"] = "\(maxSize)"
    options["threshold"] = "\(matching.threshold ?? model.matcher.coarseMatcher.defaultThreshold)"
    options["max-matches"] = matching.maximumMatches.map { "\($0)" }
    options["rotations"] = search.turns ? "auto" : nil
    options["scales"] = search.scales ? "auto" : nil
    options["masks"] = masks?.path
    options["geometry"] = geometry.kind?.rawValue ?? "none"
    if geometry.kind != nil {
      options["estimator"] = geometry.options.estimator.rawValue
      options["inlier-threshold"] = geometry.threshold.map { "\($0)" }
      options["confidence"] = "\(geometry.options.confidence)"
      options["max-iterations"] = "\(geometry.options.maxIterations)"
      options["seed"] = "\(geometry.options.seed)"
      options["refine"] = "\(geometry.options.refine)"
    }
    header = PairStoreHeader(
      version: version,
      model: StoredModel(
        name: model.file.name, architecture: model.file.architecture, sha256: model.file.sha256),
      options: options, folder: images.path, pairCount: self.pairs.count,
      pairDigest: SHA256.hexadecimal(of: list.utf8), shard: shard)
  }
}

/// What a batch may take of the machine, and what it does with failures: no say in the results.
package struct BatchResources: Sendable {
  /// The folder of the store.
  package var output: String
  /// Memory that the process may take, bytes.
  package var memory: Int
  /// Most threads.
  package var threads: Int
  /// Whether pairs that failed before are tried again.
  package var retriesFailed: Bool
  /// Whether features are kept between pairs.
  package var keepsFeatures: Bool

  /// Resources from their values.
  package init(
    output: String, memory: Int, threads: Int, retriesFailed: Bool = false, keepsFeatures: Bool = true
  ) {
    self.output = output
    self.memory = memory
    self.threads = threads
    self.retriesFailed = retriesFailed
    self.keepsFeatures = keepsFeatures
  }
}

/// How far a batch is.
package struct BatchProgress: Equatable, Sendable {
  /// Pairs of the shard that are stored.
  package var done: Int
  /// Pairs of the shard.
  package var total: Int
  /// Pairs that were matched now, not before.
  package var matchedNow: Int
  /// Pairs of those matched now that failed.
  package var failedNow: Int
}

/// What a batch did.
package struct BatchSummary: Sendable {
  /// How far it came.
  package var progress: BatchProgress
  /// Whether it was asked to stop before the end.
  package var isInterrupted: Bool
  /// Images that could not be used, by name, and why.
  package var badImages: [String: String]
  /// The reason of the first pair that failed now.
  package var firstFailure: String?
  /// Wall-clock seconds.
  package var seconds: Double
  /// Pairs matched at a time.
  package var workers: Int
  /// Images whose features were in memory, made, read from disk.
  package var featureUses: (kept: Int, made: Int, read: Int)
  /// Bytes of a torn record of an earlier run that were cut off.
  package var tornByteCount: Int
  /// The store.
  package var store: String
}
