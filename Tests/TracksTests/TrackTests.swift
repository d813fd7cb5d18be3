// Tracks: union-find, lengths, and what two pairs that share an image make of three views.

import Geometry
import Testing

@testable import Tracks

@Suite struct TrackTests {
  @Test func chainAndStarAreOneTrackEach() {
    var forest = TrackForest(keypointCounts: [3, 3, 3, 3])
    forest.join(image0: 0, keypoint0: 0, image1: 1, keypoint1: 2)
    forest.join(image0: 1, keypoint0: 2, image1: 2, keypoint1: 1)
    forest.join(image0: 2, keypoint0: 1, image1: 3, keypoint1: 0)
    forest.join(image0: 0, keypoint0: 1, image1: 1, keypoint1: 0)
    forest.join(image0: 0, keypoint0: 1, image1: 2, keypoint1: 0)
    let statistics = forest.statistics()
    #expect(statistics.countByLength == [4: 1, 3: 1])
    #expect(statistics.count == 2)
    #expect(statistics.meanLength == 3.5)
    #expect(statistics.ambiguousCount == 0)
  }

  @Test func twoKeypointsOfOneImageAreAmbiguous() {
    var forest = TrackForest(keypointCounts: [2, 1, 1])
    forest.join(image0: 0, keypoint0: 0, image1: 1, keypoint1: 0)
    forest.join(image0: 1, keypoint0: 0, image1: 2, keypoint1: 0)
    forest.join(image0: 0, keypoint0: 1, image1: 2, keypoint1: 0)
    let statistics = forest.statistics()
    #expect(statistics.countByLength == [3: 1])
    #expect(statistics.ambiguousCount == 1)
  }

  /// Keypoint 0 of every image: seen by all. 1: in two images, much weight. 2: in two images, little weight. 3 of
  /// image 0: in no pair. 4 and 5 of image 0 with 4 of image 1: one track that sees an image twice.
  @Test func longestTracksStayWhole() {
    var forest = TrackForest(keypointCounts: [6, 5, 5])
    forest.join(image0: 0, keypoint0: 0, image1: 1, keypoint1: 0)
    forest.join(image0: 1, keypoint0: 0, image1: 2, keypoint1: 0)
    forest.join(image0: 0, keypoint0: 1, image1: 1, keypoint1: 1)
    forest.join(image0: 0, keypoint0: 2, image1: 2, keypoint1: 2)
    forest.join(image0: 0, keypoint0: 4, image1: 1, keypoint1: 4)
    forest.join(image0: 0, keypoint0: 5, image1: 1, keypoint1: 4)
    let weights = [[0.1, 2, 0.3, 9, 5, 5], [0.1, 2, 9, 9, 5], [0.1, 9, 0.3, 9, 9]]
    #expect(forest.selection(limit: 1, weights: weights) == [[0], [0], [0]])
    #expect(forest.selection(limit: 2, weights: weights) == [[0, 1], [0, 1], [0, 2]])
    #expect(forest.selection(limit: 3, weights: weights) == [[0, 1, 2], [0, 1, 4], [0, 2]])
    #expect(forest.selection(limit: 9, weights: weights) == [[0, 1, 2, 4, 5], [0, 1, 4], [0, 2]])
  }

  @Test func equalsNaiveComponents() {
    var random = SystemRandomNumberGenerator()
    let counts = [40, 50, 60, 30]
    var forest = TrackForest(keypointCounts: counts)
    var labels = counts.enumerated().map { image, count in (0..<count).map { image * 1000 + $0 } }
    for _ in 0..<120 {
      let image0 = Int.random(in: 0..<3, using: &random)
      let image1 = Int.random(in: image0 + 1..<4, using: &random)
      let keypoint0 = Int.random(in: 0..<counts[image0], using: &random)
      let keypoint1 = Int.random(in: 0..<counts[image1], using: &random)
      forest.join(image0: image0, keypoint0: keypoint0, image1: image1, keypoint1: keypoint1)
      let (old, new) = (labels[image0][keypoint0], labels[image1][keypoint1])
      for image in labels.indices { labels[image] = labels[image].map { $0 == old ? new : $0 } }
    }
    var members: [Int: [Int]] = [:]
    for (image, list) in labels.enumerated() {
      for label in list { members[label, default: []].append(image) }
    }
    var expected = TrackStatistics()
    for images in members.values where images.count > 1 {
      expected.countByLength[Set(images).count, default: 0] += 1
      if images.count > Set(images).count { expected.ambiguousCount += 1 }
    }
    #expect(forest.statistics() == expected)
  }

  /// The same scene point, matched in three pairs with different rounding, is one track of three images once the ends
  /// are merged, and three tracks of two where every pair keeps its own points.
  @Test func mergingMakesTracks() {
    let truth: [SIMD2<Double>] = (0..<50).map { index in
      SIMD2(Double(index % 10) * 20 + 7.3, Double(index / 10) * 20 + 4.9)
    }
    // Each pair has its own error, up to 0.3 px, and three images that are shifts of each other.
    func seen(_ image: Int, _ pair: Int) -> [SIMD2<Double>] {
      truth.indices.map { index in
        let angle = Double(index * 7 + pair * 3 + image)
        let error = SIMD2<Double>(0.3 * angle.remainder(dividingBy: 2), 0.15)
        return truth[index] + 30 * Double(image) + error
      }
    }
    func statistics(maximumError: Double, cellSize: Double) -> TrackStatistics {
      let pairs = [(0, 1), (1, 2), (0, 2)]
      var votes = [KeypointVotes](repeating: KeypointVotes(cellSize: cellSize), count: 3)
      for (number, pair) in pairs.enumerated() {
        for image in [pair.0, pair.1] {
          for point in seen(image, number) { votes[image].add(point, weight: 0.8) }
        }
      }
      let keypoints = votes.map { $0.keypoints(maximumError: maximumError) }
      var forest = TrackForest(keypointCounts: keypoints.map(\.count))
      for (number, pair) in pairs.enumerated() {
        let merged = MergedMatches(
          Correspondences(
            points0: seen(pair.0, number), points1: seen(pair.1, number),
            scores: [Double](repeating: 0.8, count: 50)), onto: keypoints[pair.0], and: keypoints[pair.1])
        for match in 0..<merged.count {
          forest.join(
            image0: pair.0, keypoint0: merged.keypoints0[match], image1: pair.1,
            keypoint1: merged.keypoints1[match])
        }
      }
      return forest.statistics()
    }
    #expect(statistics(maximumError: 1, cellSize: 1).countByLength == [3: 50])
    #expect(statistics(maximumError: 1e-4, cellSize: 1e-4).countByLength[2, default: 0] > 50)
  }

  @Test func histogram() {
    var histogram = ErrorHistogram()
    #expect(histogram.median == 0 && histogram.mean == 0)
    for error in [0.1, 0.2, 0.3, 5, 100] { histogram.add(error) }
    histogram.add(.nan)
    #expect(histogram.count == 5)
    #expect(abs(histogram.median - 0.3) <= 0.005)
    #expect(abs(histogram.mean - 21.12) < 1e-9)
  }
}
