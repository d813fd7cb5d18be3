// One pair, from the cache of features to what the store keeps of it.

import Geometry
import Imaging
import Matching
import PairStore
import Pipeline

/// Matches pairs of a plan; may be used by several threads at once.
struct PairMatcher: Sendable {
  let plan: BatchPlan
  let matcher: PhotoMatcher
  let cache: FeatureCache<PhotoView, CachedPhoto>

  /// The outcome of the pair at a position of the cache's schedule, which the cache was told to begin.
  func callAsFunction(_ pair: ImagePair, at position: Int) -> StoredPair {
    let start = ContinuousClock.now
    let places = [pair.first, pair.second]
    defer { cache.end(position, images: places) }
    var pinned: [FeatureKey<PhotoView>] = []
    var seen: [CachedPhoto?] = [nil, nil]
    let outcome: StoredOutcome
    do {
      let matches = try matcher.matches { side, view in
        let key = FeatureKey(image: places[side.rawValue], view: view)
        let value: CachedPhoto
        do {
          value = try cache.acquire(key) { try self.photo(key) }
        } catch {
          throw ImageFailure(side: side, reason: "\(error)")
        }
        pinned.append(key)
        seen[side.rawValue] = value
        return value.photo
      }
      outcome = .matched(try stored(matches, seen.compactMap { $0 }))
    } catch let failure as ImageFailure {
      outcome = .failed(failure.side == .first ? .image0 : .image1, reason: failure.reason)
    } catch {
      outcome = .failed(.pair, reason: "\(error)")
    }
    for key in pinned { cache.release(key) }
    return StoredPair(
      name0: plan.images.names[pair.first], name1: plan.images.names[pair.second], outcome: outcome,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private struct ImageFailure: Error {
    let side: PairSide
    let reason: String
  }

  /// An image from its file.
  private func photo(_ key: FeatureKey<PhotoView>) throws -> CachedPhoto {
    let mask = try plan.masks?.mask(for: plan.images.names[key.image])
    let photo = try Photo(path: plan.images.file(key.image))
    return CachedPhoto(photo: try matcher.features(of: photo, as: key.view), mask: mask)
  }

  private func stored(_ matches: PhotoMatches, _ photos: [CachedPhoto]) throws -> StoredMatches {
    var matches = matches
    if photos.contains(where: { $0.mask != nil }) {
      matches.keep { !photos[0].ignores($0) && !photos[1].ignores($1) }
    }
    let sizes = photos.map {
      StoredSize(width: $0.photo.frame.photoWidth, height: $0.photo.frame.photoHeight)
    }
    let networkSizes = matches.networkSizes.map { StoredSize(width: $0.width, height: $0.height) }
    return StoredMatches(
      size0: sizes[0], size1: sizes[1], networkSize0: networkSizes[0], networkSize1: networkSizes[1],
      quarterTurns: matches.views[1].turns.count, points0: matches.points0.map { SIMD2<Float>($0) },
      points1: matches.points1.map { SIMD2<Float>($0) }, scores: matches.scores.map { Float($0) },
      geometry: try geometry(matches))
  }

  private func geometry(_ matches: PhotoMatches) throws -> StoredGeometry {
    guard let kind = plan.geometry.kind else { return .notVerified }
    var options = plan.geometry.options
    options.threshold =
      plan.geometry.threshold ?? GeometryVerification.defaultThreshold(kind, matches.scalings)
    let verification = GeometryVerification(kind: kind, options: options)
    switch try verification(matches.points0, matches.points1, scores: matches.scores) {
    case .estimated(let estimate):
      return .estimated(
        estimate.kind, estimate.matrix, threshold: options.threshold, inliers: estimate.inlierMask)
    case .notEstimated(let kind, let reason):
      return .notEstimated(kind, reason: reason.description)
    }
  }
}
