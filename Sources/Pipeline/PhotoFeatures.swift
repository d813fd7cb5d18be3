// A photo after the backbone: all a pair needs of it, so that a photo of many pairs is decoded, scaled and convolved
// once.

import Backbone
import Geometry
import Imaging
import LeastSquares
import Matching
import Tensor

package struct PhotoFeatures: Sendable {
  package let frame: SeenFrame
  package let features: ImageFeatures

  package init(frame: SeenFrame, features: ImageFeatures) {
    self.frame = frame
    self.features = features
  }

  package var byteCount: Int {
    // Coarse features without a position encoding share their memory with the pyramid; counting it twice
    // overestimates.
    let tensors = features.pyramid.laterals + [features.pyramid.coarse, features.coarse]
    return tensors.map(\.count).reduce(0, +) * MemoryLayout<Float>.size
  }

  var withoutLaterals: PhotoFeatures {
    let pyramid = Pyramid(coarse: features.pyramid.coarse, laterals: [])
    return PhotoFeatures(
      frame: frame,
      features: ImageFeatures(
        height: features.height, width: features.width, pyramid: pyramid, coarse: features.coarse))
  }
}

extension PhotoMatcher {
  /// - Throws: `PipelineError.notEnoughMemory` before any work, `ImagingError` if scaling fails.
  package func features(of photo: Photo, as view: PhotoView = .upright) throws -> PhotoFeatures {
    let size = view.size(of: photo.image, maxSize: maxSize)
    try MemoryEstimate(matcher).check([(size.width, size.height)])
    let seen = try SeenPhoto(photo, as: view, maxSize: maxSize)
    return PhotoFeatures(frame: seen.frame, features: matcher.features(of: seen.pixels, on: compute))
  }

  /// Matches two photos whose features are known or computed on demand: upright ones always, other views if `search`
  /// tries them. `pixels` are called for only if matches are refined. Rethrows what the closures throw.
  package func matches(
    _ features: (PairSide, PhotoView) throws -> PhotoFeatures,
    pixels: (PairSide) throws -> PixelPyramid
  ) rethrows -> PhotoMatches {
    try searched(
      match: { view0, view1, options in
        let (first, second) = (try features(.first, view0), try features(.second, view1))
        let matches = matcher.matches(first.features, second.features, options: options, on: compute)
        return PhotoMatches(matches, first.frame, second.frame)
      },
      share: { view0, view1 in share(try features(.first, view0), try features(.second, view1)) },
      pixels: { Pair(try pixels(.first), try pixels(.second)) })
  }

  /// Expected number of right coarse matches, as a share of the cells of the photo with fewer.
  func share(_ first: PhotoFeatures, _ second: PhotoFeatures) -> Double {
    let (coarse0, coarse1) = matcher.attended(first.features, second.features, on: compute)
    let threshold = options.threshold ?? matcher.coarseMatcher.defaultThreshold
    let matches = matcher.coarseMatcher.matches(coarse0, coarse1, threshold: threshold, on: compute)
    let cells = [coarse0, coarse1].map { $0.validRows * $0.validColumns }
    return matches.scores.reduce(0) { $0 + Double($1) } / Double(max(cells.min() ?? 1, 1))
  }

  /// Bytes for photos of one size: one photo's features, and the additional peak of matching a pair.
  package static func memory(of matcher: Matcher, width: Int, height: Int) -> (features: Int, pair: Int) {
    let pixels = Double(width * height)
    var values = 2 * Double(matcher.backbone.coarseChannels) / 64
    var shrinking = 4.0
    for channels in matcher.backbone.lateralChannels {
      values += Double(channels) / shrinking
      shrinking *= 4
    }
    let features = pixels * values * Double(MemoryLayout<Float>.size)
    let peak = 2 * pixels * MemoryEstimate(matcher).bytesPerPixel
    return (Int(features), Int(max(0, peak - 2 * features)))
  }
}
