// Which keypoints show the same scene point: union-find over the matches of all pairs (path halving, smaller tree below
// the larger).

package struct TrackForest: Sendable {
  /// Index of each image's first keypoint in the list of all; one more entry at the end.
  private let starts: [Int]
  private var parents: [Int32]
  private var sizes: [Int32]

  /// All keypoints unjoined; one count per image.
  package init(keypointCounts: [Int]) {
    var starts = [0]
    for count in keypointCounts { starts.append(starts[starts.count - 1] + count) }
    let total = starts[starts.count - 1]
    precondition(total <= Int(Int32.max), "no more than 2^31 - 1 keypoints")
    self.starts = starts
    parents = (0..<total).map { Int32($0) }
    sizes = [Int32](repeating: 1, count: total)
  }

  package mutating func join(image0: Int, keypoint0: Int, image1: Int, keypoint1: Int) {
    let (root0, root1) = (root(starts[image0] + keypoint0), root(starts[image1] + keypoint1))
    if root0 == root1 { return }
    let (large, small) = sizes[root0] >= sizes[root1] ? (root0, root1) : (root1, root0)
    parents[small] = Int32(large)
    sizes[large] += sizes[small]
  }

  private mutating func root(_ keypoint: Int) -> Int {
    var keypoint = keypoint
    while parents[keypoint] != keypoint {
      parents[keypoint] = parents[Int(parents[keypoint])]
      keypoint = Int(parents[keypoint])
    }
    return keypoint
  }

  /// The keypoints to keep (ascending indices per image) if no image may have more than `limit`: whole tracks, longest
  /// first, so that those kept in different images belong together. Tracks that see an image twice come last, unmatched
  /// keypoints are dropped. `weights` break ties between tracks of equal length.
  package func selection(limit: Int, weights: [[Double]]) -> [[Int]] {
    precondition(
      weights.map(\.count) == zip(starts, starts.dropFirst()).map { $1 - $0 }, "a weight a keypoint")
    var forest = self
    var roots = [Int32](repeating: -1, count: parents.count)
    var lengths = [Int32](repeating: 0, count: parents.count)
    var lastImage = [Int32](repeating: -1, count: parents.count)
    var sums = [Double](repeating: 0, count: parents.count)
    for image in weights.indices {
      for index in weights[image].indices {
        let keypoint = starts[image] + index
        let root = forest.root(keypoint)
        roots[keypoint] = Int32(root)
        sums[root] += weights[image][index]
        if lastImage[root] != image {
          lastImage[root] = Int32(image)
          lengths[root] += 1
        }
      }
    }
    // Rank of each track.
    let tracks = parents.indices.filter { roots[$0] == $0 && sizes[$0] > 1 }.sorted {
      func rank(_ root: Int) -> Int32 { sizes[root] > lengths[root] ? 1 : lengths[root] }
      return (rank($1), sums[$1], $0) < (rank($0), sums[$0], $1)
    }
    var places = [Int32](repeating: Int32.max, count: parents.count)
    for (place, root) in tracks.enumerated() { places[root] = Int32(place) }
    return weights.indices.map { image in
      let candidates = weights[image].indices.filter { sizes[Int(roots[starts[image] + $0])] > 1 }
      func place(_ index: Int) -> Int32 { places[Int(roots[starts[image] + index])] }
      return candidates.sorted { (place($0), $0) < (place($1), $1) }.prefix(limit).sorted()
    }
  }

  /// Track lengths; unmatched keypoints are no tracks.
  package func statistics() -> TrackStatistics {
    var forest = self
    var images = [Int32](repeating: 0, count: parents.count)
    var lastImage = [Int32](repeating: -1, count: parents.count)
    for image in 0..<starts.count - 1 {
      for keypoint in starts[image]..<starts[image + 1] where lastImage[forest.root(keypoint)] != image {
        let root = forest.root(keypoint)
        lastImage[root] = Int32(image)
        images[root] += 1
      }
    }
    var statistics = TrackStatistics()
    for keypoint in parents.indices where forest.root(keypoint) == keypoint && sizes[keypoint] > 1 {
      statistics.countByLength[Int(images[keypoint]), default: 0] += 1
      if sizes[keypoint] > images[keypoint] { statistics.ambiguousCount += 1 }
    }
    return statistics
  }
}

package struct TrackStatistics: Equatable, Sendable {
  /// Number of tracks by the number of different images they see.
  package var countByLength: [Int: Int] = [:]
  /// Tracks with several keypoints in one image, from a wrong match or keypoints that should have been merged.
  /// Structure from motion splits or prunes them.
  package var ambiguousCount = 0

  package init() {}

  package var count: Int { countByLength.values.reduce(0, +) }
  /// Mean number of images per track; 0 without tracks.
  package var meanLength: Double {
    count == 0 ? 0 : Double(countByLength.reduce(0) { $0 + $1.key * $1.value }) / Double(count)
  }
}
