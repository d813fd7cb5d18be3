// Photos shown to the network in other ways: every point must come back to the photo's own pixels, and the search must
// find the way that matches, and cost nothing where there is none to find.

import Geometry
import Imaging
import Matching
import Models
import Testing

@testable import Pipeline

/// A photo of fixtures/demo.
private func demoPhoto(_ name: String) -> String {
  #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/fixtures/demo/\(name).jpg"
}

@Suite struct ViewSearchTests {
  /// 60 x 40, dark, with a bright square of 4 x 4 pixels about (41.5, 13.5).
  private let photo: Photo = {
    var values = [UInt8](repeating: 0, count: 60 * 40)
    for y in 12...15 { for x in 40...43 { values[y * 60 + x] = 255 } }
    return Photo(path: "square", image: GrayImage(width: 60, height: 40, pixels: .bits8(values)))
  }()

  @Test(arguments: 0...3, [nil, PixelRegion(x: 21, y: 5, width: 33, height: 27)])
  func pointsComeBack(turns: Int, region: PixelRegion?) throws {
    for shrinking in [1, 0.6] {
      let view = PhotoView(turns: QuarterTurns(turns), shrinking: shrinking, region: region)
      let seen = try SeenPhoto(photo, as: view, maxSize: 60)
      #expect(
        seen.pixels.shape
          == (turns % 2 == 0
            ? [seen.frame.size.height, seen.frame.size.width]
            : [seen.frame.size.width, seen.frame.size.height]))
      // The bright square's centre of gravity in what the network sees.
      var (sum, weight) = (SIMD2<Float>.zero, Float(0))
      seen.pixels.withElements { pixels in
        for y in 0..<seen.pixels.shape[0] {
          for x in 0..<seen.pixels.shape[1] {
            let value = pixels[y * seen.pixels.shape[1] + x]
            sum += value * SIMD2(Float(x), Float(y))
            weight += value
          }
        }
      }
      let found = seen.frame.toPhoto(SIMD2<Double>(sum / weight))
      #expect(abs(found.x - 41.5) < 0.15 && abs(found.y - 13.5) < 0.15, "\(view): \(found)")
    }
  }

  @Test func aTurnedPhotoMatchesAfterTheSearch() throws {
    let model = try ModelCatalog.model(named: ModelCatalog.defaultName)
    let photos = try ["left", "right"].map { try Photo(path: demoPhoto($0)) }
    let turned = Photo(path: "turned", image: QuarterTurns(1).turned(photos[1].image))
    func matches(_ second: Photo, _ search: ViewSearch) throws -> PhotoMatches {
      try PhotoMatcher(matcher: model.matcher, maxSize: 320, search: search, compute: .init(threads: 2))(
        photos[0], second)
    }
    let upright = try matches(photos[1], .none)
    let blind = try matches(turned, .none)
    let found = try matches(turned, ViewSearch(turns: true, scales: false))
    #expect(blind.expectedRight < 0.3 * upright.expectedRight)
    #expect(found.expectedRight > 0.8 * upright.expectedRight)
    #expect(found.frames.second.view.turns == QuarterTurns(3))
    // The network sees the same pixels again: the same matches, turned.
    let width = photos[1].image.width
    let expected = upright.correspondences.points1.prefix(20).map { point in
      QuarterTurns(1).turned(point, width: width, height: photos[1].image.height)
    }
    for (point, truth) in zip(found.correspondences.points1, expected) {
      #expect(abs(point.x - truth.x) < 0.01 && abs(point.y - truth.y) < 0.01)
    }
    // A pair that matches as it is, is left at that.
    let all = try matches(photos[1], ViewSearch(turns: true, scales: true))
    #expect(
      all.correspondences.points0 == upright.correspondences.points0
        && all.frames.both.map(\.view) == [.upright, .upright])
  }

  @Test func aMuchNearerPhotoMatchesAfterTheSearch() throws {
    let model = try ModelCatalog.model(named: ModelCatalog.defaultName)
    let wide = try Photo(path: demoPhoto("left"))
    let (width, height) = (wide.image.width, wide.image.height)
    let region = PixelRegion(x: width / 3, y: height / 4, width: width / 3, height: height / 3)
    let near = Photo(
      path: "near", image: try wide.image.cropped(to: region).resized(width: width, height: height))
    let matcher = PhotoMatcher(
      matcher: model.matcher, maxSize: 480, search: ViewSearch(turns: false, scales: true),
      compute: .init(threads: 2))
    let found = try matcher(near, wide)
    let distances = zip(found.correspondences.points0, found.correspondences.points1).map { point0, point1 in
      let scale = SIMD2(Double(region.width) / Double(width), Double(region.height) / Double(height))
      let truth = (point0 + 0.5) * scale - 0.5 + SIMD2(Double(region.x), Double(region.y))
      return ((truth - point1) * (truth - point1)).sum().squareRoot()
    }.sorted()
    #expect(found.frames.second.view.region != nil)
    #expect(found.count > 100 && distances[found.count / 2] < 1)
  }

  @Test func viewsAreLookedAtInRounds() {
    let all = ViewSearch(turns: true, scales: true).rounds
    #expect(all.map(\.count) == [2, 3, 6])
    let flat = all.joined()
    for (index, views) in flat.enumerated() {
      #expect(!flat.prefix(index).contains { $0 == views } && views != (.upright, .upright))
    }
    #expect(ViewSearch.none.rounds.isEmpty)
  }

  // MARK: - When it searches

  /// Matches of a photo of 320 x 240 whose partners are turned by quarters and scaled.
  private func matches(
    _ count: Int, score: Double, turns: Int = 0, ratio: Double = 1,
    views: (PhotoView, PhotoView) = (.upright, .upright)
  ) -> PhotoMatches {
    let points = (0..<count).map { (index: Int) -> SIMD2<Double> in
      let (x, y) = (Double(8 * (index % 40) + 4), Double(8 * (index / 40) + 4))
      return SIMD2<Double>(x, y)
    }
    let partners = points.map { point in
      ratio * [point, SIMD2(-point.y, point.x), -point, SIMD2(point.y, -point.x)][turns]
    }
    var statistics = MatchingStatistics()
    statistics.cells = Pair(1200, 1200)
    func frame(_ view: PhotoView) -> SeenFrame {
      SeenFrame(
        photoWidth: 320, photoHeight: 240, view: view, size: NetworkSize(width: 320, height: 240, maxSize: 0),
        scaling: PixelScaling(sx: 1, sy: 1))
    }
    return PhotoMatches(
      correspondences: Correspondences(
        points0: points, points1: partners, scores: [Double](repeating: score, count: count)),
      frames: Pair(frame(views.0), frame(views.1)), statistics: statistics)
  }

  /// What is matched in full and looked at, and the matches of which views win.
  private func searched(
    _ upright: PhotoMatches, otherwise score: Double = 0.9,
    share: @escaping (PhotoView, PhotoView) -> Double = { _, _ in 0 },
    _ search: ViewSearch = ViewSearch(turns: true, scales: true)
  ) -> (matched: [[PhotoView]], looks: [[PhotoView]], winner: [PhotoView]) {
    var (matched, looks): ([[PhotoView]], [[PhotoView]]) = ([], [])
    let result = search(
      match: { first, second in
        matched.append([first, second])
        return (first, second) == (.upright, .upright)
          ? upright : self.matches(400, score: score, views: (first, second))
      },
      share: { first, second in
        looks.append([first, second])
        return share(first, second)
      })
    return (matched, looks, result.frames.both.map(\.view))
  }

  private let upright = [PhotoView.upright, .upright]

  @Test func matchesThatAgreeAreLeftAlone() {
    // However low their scores.
    for ratio in [0.8, 1, 1.4] {
      let run = searched(matches(400, score: 0.05, ratio: ratio), share: { _, _ in 1 })
      #expect(run.matched == [upright] && run.looks.isEmpty && run.winner == upright)
    }
  }

  @Test(arguments: 1...3)
  func theTurnThatMatchesTellIsMatched(turns: Int) {
    let turned = [PhotoView.upright, PhotoView(turns: QuarterTurns(turns))]
    let run = searched(matches(400, score: 0.3, turns: turns))
    #expect(run.matched == [upright, turned] && run.looks.isEmpty && run.winner == turned)
    // Where it does not match better, the pair stays as it is.
    let worse = searched(matches(400, score: 0.3, turns: turns), otherwise: 0.2)
    #expect(worse.matched.count == 2 && worse.winner == upright)
    // Where it was not asked for, it is not tried.
    let scalesOnly = searched(matches(400, score: 0.3, turns: turns), ViewSearch(turns: false, scales: true))
    #expect(scalesOnly.matched == [upright])
  }

  @Test(arguments: [2.0, 0.5])
  func theRatioThatMatchesTellIsMatched(ratio: Double) {
    let small = PhotoView(shrinking: ViewSearch.shrinking)
    let views = ratio > 1 ? [PhotoView.upright, small] : [small, .upright]
    let run = searched(matches(400, score: 0.3, turns: 0, ratio: ratio))
    #expect(run.matched.prefix(2) == [upright, views] && run.looks.isEmpty)
    let turnsOnly = searched(matches(400, score: 0.3, ratio: ratio), ViewSearch(turns: true, scales: false))
    #expect(turnsOnly.matched == [upright])
  }

  @Test func aPairOfFewMatchesIsLookedAt() {
    // No view is better than the upright ones: nothing more is matched in full.
    let vain = searched(matches(20, score: 0.9))
    #expect(vain.matched == [upright] && vain.looks.count == 12 && vain.winner == upright)
    // The best one is matched, at its usual size; the round of both is left out after a good one.
    let turned = PhotoView(turns: QuarterTurns(3))
    let found = searched(
      matches(20, score: 0.9), share: { _, second in second.turns.count == 3 ? 0.2 : 0.01 })
    #expect(found.matched == [upright, [.upright, turned]] && found.looks.count == 6)
    #expect(found.winner == [.upright, turned])
    // Enough as they are.
    let enough = searched(matches(20, score: 0.9), share: { _, _ in 0.1 })
    #expect(enough.matched == [upright] && enough.looks.count == 1)
    #expect(searched(matches(20, score: 0.9), ViewSearch.none).looks.isEmpty)
  }

  @Test func contradictoryMatchesAreLookedAt() {
    var mixed = matches(400, score: 0.5)
    // Each point goes anywhere (Knuth's multiplicative hashing).
    let found = mixed.correspondences
    mixed.correspondences = Correspondences(
      points0: found.points0,
      points1: found.indices.map { found.points0[(($0 * 2_654_435_761) >> 16) % 400] }, scores: found.scores)
    #expect(mixed.similarity.agreement < ViewSearch.clearAgreement)
    #expect(searched(mixed).looks.count == 12)
  }
}
