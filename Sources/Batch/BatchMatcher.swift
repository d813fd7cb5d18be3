import Geometry
import Imaging
import LeastSquares
import Matching
import PairStore
import Pipeline

/// The one view of an image's own pixels.
struct PixelView: Hashable, Sendable {}

/// Matches a plan's pairs on cached features; safe to use from several threads.
struct BatchMatcher: Sendable {
  let plan: BatchPlan
  let matcher: PhotoMatcher
  let cache: FeatureCache<PhotoView, CachedPhoto>
  /// Photos for refinement; decoded again rather than kept where memory is short.
  let pixels: FeatureCache<PixelView, PixelPyramid>

  /// Matches the pair that `cache.beginNext()` started at `position`.
  func callAsFunction(_ pair: ImagePair, at position: Int) -> StoredPair {
    let start = ContinuousClock.now
    let places = Pair(pair.first, pair.second)
    pixels.begin(position)
    defer {
      cache.end(position, images: places.both)
      pixels.end(position, images: places.both)
    }
    var pinned: [FeatureKey<PhotoView>] = []
    var pinnedPixels: [FeatureKey<PixelView>] = []
    var seen = Pair<CachedPhoto?>(nil, nil)
    let outcome: StoredOutcome
    do {
      let matches = try matcher.matches(
        { side, view in
          let key = FeatureKey(image: places[side], view: view)
          let value = try ImageFailure.attempt(side) { try cache.acquire(key) { try self.photo(key) } }
          pinned.append(key)
          seen[side] = value
          return value.photo
        },
        pixels: { side in
          let key = FeatureKey(image: places[side], view: PixelView())
          let value = try ImageFailure.attempt(side) {
            try pixels.acquire(key) { matcher.pyramid(of: try Photo(path: plan.images.file(key.image))) }
          }
          pinnedPixels.append(key)
          return value
        })
      outcome = .matched(try stored(matches, seen))
    } catch let failure as ImageFailure {
      outcome = .failed(failure.side == .first ? .image0 : .image1, reason: failure.reason)
    } catch {
      outcome = .failed(.pair, reason: "\(error)")
    }
    for key in pinned { cache.release(key) }
    for key in pinnedPixels { pixels.release(key) }
    return StoredPair(
      name0: plan.images.names[pair.first], name1: plan.images.names[pair.second], outcome: outcome,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private struct ImageFailure: Error {
    let side: PairSide
    let reason: String

    static func attempt<Value>(_ side: PairSide, _ body: () throws -> Value) throws -> Value {
      do { return try body() } catch { throw ImageFailure(side: side, reason: "\(error)") }
    }
  }

  private func photo(_ key: FeatureKey<PhotoView>) throws -> CachedPhoto {
    let mask = try plan.masks?.mask(for: plan.images.names[key.image])
    let photo = try Photo(path: plan.images.file(key.image))
    return CachedPhoto(photo: try matcher.features(of: photo, as: key.view), mask: mask)
  }

  private func stored(_ matches: PhotoMatches, _ photos: Pair<CachedPhoto?>) throws -> StoredMatches {
    var matches = matches
    let found = matches.correspondences
    func ignores(_ photo: CachedPhoto?, _ point: SIMD2<Double>) -> Bool { photo?.ignores(point) ?? false }
    if photos.first?.mask != nil || photos.second?.mask != nil {
      matches.correspondences = found.selecting(
        found.indices.filter {
          !ignores(photos.first, found.points0[$0]) && !ignores(photos.second, found.points1[$0])
        })
    }
    return StoredMatches(
      sizes: matches.frames.map { StoredSize(width: $0.photoWidth, height: $0.photoHeight) },
      networkSizes: matches.frames.map { StoredSize(width: $0.size.width, height: $0.size.height) },
      quarterTurns: matches.frames.second.view.turns.count, correspondences: matches.correspondences,
      geometry: try geometry(matches))
  }

  private func geometry(_ matches: PhotoMatches) throws -> StoredGeometry {
    guard let kind = plan.geometry.kind else { return .notVerified }
    var options = plan.geometry.options
    options.threshold =
      plan.geometry.threshold ?? GeometryVerification.defaultThreshold(kind, matches.frames.map(\.scaling))
    let verification = GeometryVerification(kind: kind, options: options)
    switch try verification(matches.correspondences) {
    case .estimated(let estimate):
      return .estimated(
        estimate.kind, estimate.matrix, threshold: options.threshold, inliers: estimate.inlierMask)
    case .notEstimated(let kind, let reason): return .notEstimated(kind, reason: reason.description)
    }
  }
}
