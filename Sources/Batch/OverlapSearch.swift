import Dispatch
import Files
import Glibc
import Matching
import PairStore
import Pipeline
import Synchronization
import Tensor

/// Finds pairs of images likely to overlap without trying all: a global descriptor proposes three times as many
/// partners per image as wanted, and matching small copies chooses among them.
///
/// Measured on 113 images (RGB-D sequences, a castle, odd ones; Benchmarks/overlap_recall.py): with 20 partners wanted
/// this finds 99 % of the pairs that the best choice of 20 would; with copies of 160 pixels, 92 %. More proposals do
/// not help.
package struct OverlapSearch: Sendable {
  /// Longer side of the copies, pixels.
  static let size = 224
  /// Proposals per partner wanted.
  static let proposals = 3
  /// Images used to build the vocabulary.
  private static let vocabularyImages = 128

  private let plan: BatchPlan
  private let resources: BatchResources
  private let partners: Int

  /// `partners` is the number wanted per image; the plan's pairs and sizes are ignored. Intermediate results go to the
  /// output folder and are removed at the end.
  package init(partners: Int, plan: BatchPlan, resources: BatchResources) {
    self.partners = partners
    self.plan = plan
    self.resources = resources
  }

  /// The pairs found; nil if cancelled, after which the same search in the same folder resumes.
  /// Throws `BatchError`, `PairStoreError`.
  package func callAsFunction(
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (BatchProgress) -> Void = { _ in }
  ) throws -> [ImagePair]? {
    let count = plan.images.names.count
    let proposed: [ImagePair]
    if Self.proposals * partners >= count - 1 {
      proposed = PairList.exhaustive(count: count)
    } else {
      guard let descriptors = descriptors(isCancelled) else { return nil }
      proposed = Self.nearest(descriptors, Self.proposals * partners)
    }
    var resources = resources
    resources.output = Path.joined(resources.output, ".overlap-search")
    let small = BatchPlan(
      images: plan.images, pairs: proposed, selection: ["overlap-search": "\(partners)"], shard: .whole,
      model: plan.model, maxSize: Self.size, matching: MatchingOptions(), search: plan.search,
      precision: .network,
      geometry: BatchGeometry(kind: nil, options: plan.geometry.options), masks: nil,
      version: plan.header.version)
    let summary = try BatchRun(small, resources)(isCancelled: isCancelled, progress: progress)
    if summary.isInterrupted { return nil }
    let chosen = try chosen(from: summary.store)
    unlink(summary.store)
    rmdir(resources.output)
    return chosen
  }

  /// The best partners of each image by summed scores, that is, the expected number of correct matches.
  private func chosen(from store: String) throws -> [ImagePair] {
    let places = Dictionary(
      zip(plan.images.names, plan.images.names.indices), uniquingKeysWith: { first, _ in first })
    var candidates = [[(partner: Int, score: Float)]](repeating: [], count: plan.images.names.count)
    try PairStoreReader(path: store).forEach { pair in
      guard let first = places[pair.name0], let second = places[pair.name1], let matches = pair.matches
      else { return }
      let score = matches.correspondences.scores.reduce(0) { $0 + Float($1) }
      candidates[first].append((second, score))
      candidates[second].append((first, score))
    }
    return Self.union(candidates, partners)
  }

  /// The partners with the most similar descriptors.
  static func nearest(_ descriptors: [[Float]?], _ partners: Int) -> [ImagePair] {
    var candidates = [[(partner: Int, score: Float)]](repeating: [], count: descriptors.count)
    for (first, left) in descriptors.enumerated() {
      guard let left else { continue }
      for second in first + 1..<max(first + 1, descriptors.count) {
        guard let right = descriptors[second] else { continue }
        let score = dotProduct(left, right)
        candidates[first].append((second, score))
        candidates[second].append((first, score))
      }
    }
    return union(candidates, partners)
  }

  /// Each image with its best candidates; a pair chosen from both sides counts once.
  private static func union(_ candidates: [[(partner: Int, score: Float)]], _ partners: Int) -> [ImagePair] {
    var pairs: Set<ImagePair> = []
    for (image, candidates) in candidates.enumerated() {
      let best = candidates.sorted { $0.score != $1.score ? $0.score > $1.score : $0.partner < $1.partner }
      for candidate in best.prefix(partners) { pairs.insert(ImagePair(image, candidate.partner).sorted) }
    }
    return pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// One descriptor per image; nil for unreadable ones, which the batch will report.
  private func descriptors(_ isCancelled: @escaping @Sendable () -> Bool) -> [[Float]?]? {
    let count = plan.images.names.count
    let sampled = min(count, Self.vocabularyImages)
    let sample = (0..<sampled).map { $0 * count / sampled }
    let features = each(sample, isCancelled) { localFeatures(of: $0) }
    let vocabulary = Vocabulary(features.compactMap { $0 })
    let known = Dictionary(uniqueKeysWithValues: zip(sample, features))
    let descriptors = each(Array(0..<count), isCancelled) { image -> [Float]? in
      let features = known[image] ?? localFeatures(of: image)
      return features.map { vocabulary.descriptor($0) }
    }
    return isCancelled() ? nil : descriptors
  }

  private func localFeatures(of image: Int) -> LocalFeatures? {
    let matcher = PhotoMatcher(matcher: plan.model.matcher, maxSize: Self.size, compute: Compute(threads: 1))
    guard let photo = try? Photo(path: plan.images.file(image)),
      let features = try? matcher.features(of: photo)
    else { return nil }
    return LocalFeatures(features.features.pyramid)
  }

  /// Runs `work` on all items in parallel; also nil for items not reached before cancellation.
  private func each<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ isCancelled: @escaping @Sendable () -> Bool,
    _ work: @escaping @Sendable (Item) -> Result?
  ) -> [Result?] {
    let results = Mutex([Result?](repeating: nil, count: items.count))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: resources.threads) { _ in
      while !isCancelled() {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < items.count else { return }
        let result = work(items[index])
        results.withLock { $0[index] = result }
      }
    }
    return results.withLock { $0 }
  }
}
