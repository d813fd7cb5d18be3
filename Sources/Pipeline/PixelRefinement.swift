// The step after the network: matches are aligned on the photos' own grey values, at full resolution.

import Geometry
import Imaging
import LeastSquares
import Matching
import Tensor

/// Where the points of a pair come from.
package enum PrecisionMode: String, CaseIterable, Sendable {
  /// The network's points as they are.
  case network
  /// Aligned on grey values where that succeeds, the network's elsewhere.
  case refined
  /// Only the aligned ones if they suffice, as `refined` otherwise.
  case verified
}

extension PhotoMatcher {
  /// Fewer aligned matches, or a smaller share, do not suffice to leave the others out.
  static let leastVerified = (count: 60, share: 0.2)

  /// The levels of a photo that refinement reads.
  package func pyramid(of photo: Photo) -> PixelPyramid {
    let seen = PhotoView.upright.size(of: photo.image, maxSize: maxSize)
    let scale = Double(photo.image.width) / Double(max(seen.width, 1))
    return PixelPyramid(photo.image, levels: LeastSquaresMatcher.levels(scale: scale), on: compute)
  }

  /// Matches refined as `precision` says; `pixels` is called only if needed.
  func refined(
    _ matches: PhotoMatches, pixels: () throws -> Pair<PixelPyramid>
  ) rethrows -> PhotoMatches {
    var (matches, timer) = (matches, StageTimer(matches.statistics.stages))
    let (first, second) = (matches.frames.first, matches.frames.second)
    let map = second.toPhotoMap * (first.toPhotoMap.inverse ?? .identity)
    guard precision != .network, matches.count > 0 else {
      matches.correspondences = matches.correspondences.asFound(
        deviation: RefinementSettings().networkDeviation * second.pixelScale, map: map)
      return matches
    }
    // With the pyramids, which nothing else needs.
    try timer.measure("refinement") {
      let photos = try pixels()
      let refined = LeastSquaresMatcher()(
        matches.correspondences, photos: photos, scales: Pair(first.pixelScale, second.pixelScale),
        fallback: map, on: compute)
      matches.correspondences = precision == .verified ? Self.verified(refined) : refined
    }
    matches.statistics.stages = timer.stages
    return matches
  }

  static func verified(_ matches: Correspondences) -> Correspondences {
    guard let precisions = matches.precisions else { return matches }
    let kept = matches.indices.filter { precisions[$0].source == .refined }
    let isEnough =
      kept.count >= leastVerified.count && Double(kept.count) >= leastVerified.share * Double(matches.count)
    return isEnough ? matches.selecting(kept) : matches
  }
}

extension Correspondences {
  /// With the network's precision for all of them.
  fileprivate func asFound(deviation: Double, map: Map2) -> Correspondences {
    let precision = PointPrecision(
      covariance: PointCovariance(deviation: deviation), source: .network, map: map)
    return Correspondences(
      points0: points0, points1: points1, scores: scores,
      precisions: [PointPrecision](repeating: precision, count: count))
  }
}

extension SeenFrame {
  /// Photo pixels per pixel that the network saw.
  var pixelScale: Double { (scaling.sx + scaling.sy) / 2 }

  /// Derivative of `toPhoto`.
  var toPhotoMap: Map2 {
    let origin = toPhoto(.zero)
    let (x, y) = (toPhoto(SIMD2(1, 0)) - origin, toPhoto(SIMD2(0, 1)) - origin)
    return Map2(x.x, y.x, x.y, y.y)
  }
}
