import Dispatch
import Geometry
import PairStore
import Synchronization
import Tracks

/// Turns a store of pairs into a scene, in passes over the store, so that memory grows with images, not pairs: every
/// match votes for keypoints; if these exceed the limit, tracks are counted and the longest stay; then every pair is
/// merged onto the keypoints, verified and handed to the writers.
package struct SceneExport: Sendable {
  package let store: PairStoreFolder
  /// The store's name in errors.
  package let path: String
  package let options: SceneOptions

  /// Pairs verified at a time.
  private static let blockSize = 64

  package init(store: PairStoreFolder, path: String, options: SceneOptions) {
    self.store = store
    self.path = path
    self.options = options
  }

  /// Throws `ReconstructionError`, `PairStoreError`, `GeometryError`, `ImagingError`, `FileError`.
  package func write(to writers: [any SceneWriter]) throws -> SceneSummary {
    var summary = SceneSummary()
    summary.missingCount = store.missingPairCount
    let census = try ImageCensus(store: store, path: path, options: options, summary: &summary)
    var scene = try census.scene()
    if let limit = options.merging.maximumKeypoints,
      scene.images.contains(where: { $0.keypoints.count > limit })
    {
      try thin(&scene, census, limit: limit)
    }
    summary.keypointCounts = scene.images.map(\.keypoints.count)
    summary.cameraCount = scene.cameras.count
    summary.knownFocalCount = scene.cameras.count(where: \.hasKnownFocal)
    for writer in writers { try writer.begin(scene) }

    var tracks = TrackForest(keypointCounts: summary.keypointCounts)
    var block: [StoredPair] = []
    func finishBlock() throws {
      for verified in try verify(block, scene, census) {
        for writer in writers { try writer.add(verified.pair, of: scene) }
        verified.count(into: &summary, &tracks)
      }
      block.removeAll(keepingCapacity: true)
    }
    try store.forEach { pair in
      guard pair.matches?.count ?? 0 > 0 else { return }
      block.append(pair)
      if block.count == Self.blockSize { try finishBlock() }
    }
    try finishBlock()
    for writer in writers { try writer.finish() }
    summary.tracks = tracks.statistics()
    return summary
  }

  /// Keeps at most `limit` keypoints per image, those of the longest tracks.
  private func thin(_ scene: inout Scene, _ census: ImageCensus, limit: Int) throws {
    var tracks = TrackForest(keypointCounts: scene.images.map(\.keypoints.count))
    try store.forEach { pair in
      guard let matches = pair.matches, let index0 = census.index(of: pair.name0),
        let index1 = census.index(of: pair.name1)
      else { return }
      let voters = ImageCensus.voters(matches)
      let kept = matches.correspondences.indices.filter { voters?[$0] ?? true }
      let merged = MergedMatches(
        matches.correspondences.selecting(kept), onto: scene.images[index0].keypoints,
        and: scene.images[index1].keypoints)
      for match in 0..<merged.count {
        tracks.join(
          image0: index0, keypoint0: merged.keypoints0[match], image1: index1,
          keypoint1: merged.keypoints1[match])
      }
    }
    let selection = tracks.selection(limit: limit, weights: scene.images.map(\.keypoints.weights))
    for (index, kept) in selection.enumerated() {
      scene.images[index].keypoints = scene.images[index].keypoints.keeping(kept)
    }
  }

  /// Merges and verifies pairs in parallel; results keep their order.
  private func verify(_ pairs: [StoredPair], _ scene: Scene, _ census: ImageCensus) throws -> [VerifiedPair] {
    let results = Mutex<[Result<VerifiedPair?, any Error>?]>(Array(repeating: nil, count: pairs.count))
    let workers = max(1, min(options.threads, pairs.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < pairs.count else { return }
        let result = Result<VerifiedPair?, any Error> {
          try VerifiedPair(pairs[index], scene, census, options)
        }
        results.withLock { $0[index] = result }
      }
    }
    return try results.withLock { $0 }.compactMap { try $0?.get() }
  }
}

struct VerifiedPair: Sendable {
  let pair: ScenePair
  private let storedCount: Int
  /// Distances of the inliers' keypoints from their stored points, pixels.
  private var shifts: [Double] = []

  /// Nil if no match is left.
  init?(_ stored: StoredPair, _ scene: Scene, _ census: ImageCensus, _ options: SceneOptions) throws {
    guard let matches = stored.matches, var index0 = census.index(of: stored.name0),
      var index1 = census.index(of: stored.name1)
    else { return nil }
    var found = matches.correspondences
    if index0 > index1 { (index0, index1, found) = (index1, index0, found.swapped) }
    let (image0, image1) = (scene.images[index0], scene.images[index1])
    let merged = MergedMatches(found, onto: image0.keypoints, and: image1.keypoints)
    guard merged.count > 0 else { return nil }
    let (keypoints0, keypoints1) = (
      merged.keypoints0.map { image0.keypoints.positions[$0] },
      merged.keypoints1.map { image1.keypoints.positions[$0] }
    )
    let threshold =
      options.inlierThreshold
      ?? SceneOptions.networkThreshold * (census.scale(of: index0) + census.scale(of: index1)) / 2
    let views = try TwoViewVerification(options: options.robust)(
      points0: keypoints0, points1: keypoints1, scores: merged.scores, threshold: threshold,
      cameras: census.cameras(index0, index1, in: scene))
    pair = ScenePair(image0: index0, image1: index1, matches: merged, views: views, stored: stored)
    storedCount = matches.count

    guard views.configuration != .degenerate else { return }
    for match in 0..<merged.count where views.inliers[match] {
      let source = merged.sources[match]
      for offset in [found.points0[source] - keypoints0[match], found.points1[source] - keypoints1[match]] {
        shifts.append((offset * offset).sum().squareRoot())
      }
    }
  }

  func count(into summary: inout SceneSummary, _ tracks: inout TrackForest) {
    summary.storedCount += storedCount
    summary.mergedCount += pair.matches.count
    summary.configurations[pair.views.configuration, default: 0] += 1
    for shift in shifts { summary.shift.add(shift) }
    guard pair.views.configuration != .degenerate else { return }
    summary.inlierCount += pair.views.inlierCount
    for match in 0..<pair.matches.count where pair.views.inliers[match] {
      tracks.join(
        image0: pair.image0, keypoint0: pair.matches.keypoints0[match], image1: pair.image1,
        keypoint1: pair.matches.keypoints1[match])
    }
  }
}
