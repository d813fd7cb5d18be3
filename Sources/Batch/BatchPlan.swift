import Files
import Geometry
import Matching
import PairStore
import Models
import Pipeline
import Weights

/// How pairs are verified.
package struct BatchGeometry: Sendable {
  /// nil skips the verification.
  package var kind: GeometryKind?
  /// The threshold in here is ignored.
  package var options: RobustOptions
  /// Inlier threshold in image pixels; nil: `GeometryVerification.defaultThreshold`.
  package var threshold: Double?

  package init(kind: GeometryKind?, options: RobustOptions, threshold: Double? = nil) {
    self.kind = kind
    self.options = options
    self.threshold = threshold
  }
}

/// Everything that determines a batch's results, independent of the machine and of interruptions.
package struct BatchPlan: Sendable {
  package let images: ImageFolder
  /// The ordered pairs of all shards.
  package let pairs: [ImagePair]
  /// The part to match here.
  package let shard: Shard
  package let model: Model
  /// Longer side of the network's input, pixels; 0 for full size.
  package let maxSize: Int
  package let matching: MatchingOptions
  package let search: ViewSearch
  package let precision: PrecisionMode
  package let geometry: BatchGeometry
  package let masks: MaskFolder?
  package let header: PairStoreHeader

  /// `pairs` are those of all shards, in any order; `selection` holds the options that chose them, for the header.
  package init(
    images: ImageFolder, pairs: [ImagePair], selection: [String: String], shard: Shard, model: Model,
    maxSize: Int, matching: MatchingOptions, search: ViewSearch, precision: PrecisionMode,
    geometry: BatchGeometry, masks: MaskFolder?, version: String
  ) {
    self.images = images
    self.pairs = PairList.ordered(pairs)
    self.shard = shard
    self.model = model
    self.maxSize = maxSize
    self.matching = matching
    self.search = search
    self.precision = precision
    self.geometry = geometry
    self.masks = masks
    let list = self.pairs.map { "\(images.names[$0.first])\t\(images.names[$0.second])\n" }.joined()
    var options = selection
    options["max-size"] = "\(maxSize)"
    options["threshold"] = "\(matching.threshold ?? model.matcher.coarseMatcher.defaultThreshold)"
    options["max-matches"] = matching.maximumMatches.map { "\($0)" }
    options["rotations"] = search.turns ? "auto" : nil
    options["scales"] = search.scales ? "auto" : nil
    options["precision"] = precision.rawValue
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

/// Where and with which resources a batch runs; does not affect its results.
package struct BatchResources: Sendable {
  /// The store's folder.
  package var output: String
  /// Memory limit of the process, bytes.
  package var memory: Int
  package var threads: Int
  /// Whether to retry pairs that failed before.
  package var retriesFailed: Bool
  /// Whether to cache features between pairs.
  package var keepsFeatures: Bool

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

/// Progress within a shard.
package struct BatchProgress: Equatable, Sendable {
  /// Stored pairs, including those of earlier runs.
  package var done: Int
  package var total: Int
  /// Pairs matched by this run.
  package var matchedNow: Int
  /// Of these, failed pairs.
  package var failedNow: Int
}

package struct BatchSummary: Sendable {
  package var progress: BatchProgress
  package var isInterrupted: Bool
  /// Why images could not be used, by name.
  package var badImages: [String: String]
  /// The reason of this run's first failed pair.
  package var firstFailure: String?
  /// Wall-clock time.
  package var seconds: Double
  /// Pairs matched in parallel.
  package var workers: Int
  /// Feature requests served from memory, by computing, and from disk.
  package var featureUses: (kept: Int, made: Int, read: Int)
  /// Bytes of an earlier run's torn record that were cut off.
  package var tornByteCount: Int
  /// The store's path.
  package var store: String
}
