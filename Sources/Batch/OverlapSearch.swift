// Which pairs of images are likely to overlap, without trying all: a global descriptor proposes three times as many
// partners of each image as are wanted, matching small copies of the images chooses among them.
//
// Measured on 113 images (RGB-D sequences, a castle, odd ones; Benchmarks/overlap_recall.py): with 20 partners wanted
// this finds 99 % of the pairs that the best choice of 20 would, with copies of 160 pixels 92 %. More proposals than
// three times as many do not help.

import Dispatch
import Files
import Glibc
import Matching
import PairStore
import Pipeline
import Synchronization
import Tensor

/// A search for pairs.
package struct OverlapSearch: Sendable {
  /// Longer side of the copies that are searched, pixels.
  static let size = 224
  /// Partners proposed for each one wanted.
  static let proposals = 3
  /// Images from which the vocabulary is made.
  private static let vocabularyImages = 128

  private let plan: BatchPlan
  private let resources: BatchResources
  private let partners: Int

  /// - Parameters:
  ///   - partners: how many partners of each image are wanted.
  ///   - plan: images, model, search for views; its pairs and sizes do not matter.
  ///   - resources: what may be used; intermediate results go to the output folder and are removed at the end.
  package init(partners: Int, plan: BatchPlan, resources: BatchResources) {
    self.partners = partners
    self.plan = plan
    self.resources = resources
  }

  /// The pairs found; nil where it was asked to stop before the end. The same search in the same folder goes on.
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
      geometry: BatchGeometry(kind: nil, options: plan.geometry.options), masks: nil,
      version: plan.header.version)
    let summary = try BatchRun(small, resources)(isCancelled: isCancelled, progress: progress)
    if summary.isInterrupted { return nil }
    let chosen = try chosen(from: summary.store)
    unlink(summary.store)
    rmdir(resources.output)
    return chosen
  }

  /// The best partners of each image by the sum of the scores, which is the expected number of right matches.
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

  /// The partners of the most similar descriptors.
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

  /// Each image with its best candidates; a pair that both ends choose counts once.
  private static func union(_ candidates: [[(partner: Int, score: Float)]], _ partners: Int) -> [ImagePair] {
    var pairs: Set<ImagePair> = []
    for (image, candidates) in candidates.enumerated() {
      let best = candidates.sorted { $0.score != $1.score ? $0.score > $1.score : $0.partner < $1.partner }
      for candidate in best.prefix(partners) { pairs.insert(ImagePair(image, candidate.partner).sorted) }
    }
    return pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// One descriptor an image; nil for images that cannot be read, which the batch will tell.
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

  /// The results of `work` for all items, several at a time; nil too where it was asked to stop before an item.
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
