// A photo once it went through the backbone: what a pair needs of it, so that a photo of many pairs is decoded, scaled
// and convolved once.

import Backbone
import Geometry
import Imaging
import Matching
import Tensor

/// A photo's features under one view.
package struct PhotoFeatures: Sendable {
  /// How the photo was shown.
  package let frame: SeenFrame
  /// What the backbone made of it.
  package let features: ImageFeatures

  /// Features that were kept.
  package init(frame: SeenFrame, features: ImageFeatures) {
    self.frame = frame
    self.features = features
  }

  /// Memory that they take.
  package var byteCount: Int {
    // Coarse features without a position encoding share their memory with the pyramid's; counted twice, which errs
    // towards too much.
    let tensors = features.pyramid.laterals + [features.pyramid.coarse, features.coarse]
    return tensors.map(\.count).reduce(0, +) * MemoryLayout<Float>.size
  }

  /// What coarse matching needs of them.
  var withoutLaterals: PhotoFeatures {
    let pyramid = Pyramid(coarse: features.pyramid.coarse, laterals: [])
    return PhotoFeatures(
      frame: frame,
      features: ImageFeatures(
        height: features.height, width: features.width, pyramid: pyramid, coarse: features.coarse))
  }
}

extension PhotoMatcher {
  /// The features of a photo.
  ///
  /// - Throws: `PipelineError.notEnoughMemory` before any work, `ImagingError` if scaling fails.
  package func features(of photo: Photo, as view: PhotoView = .upright) throws -> PhotoFeatures {
    let size = view.size(of: photo.image, maxSize: maxSize)
    try MemoryEstimate(matcher).check([(size.width, size.height)])
    let seen = try SeenPhoto(photo, as: view, maxSize: maxSize)
    return PhotoFeatures(frame: seen.frame, features: matcher.features(of: seen.pixels, on: compute))
  }

  /// Matches two photos whose features are known or made when they are needed: the upright ones always, others where
  /// `search` tries them.
  ///
  /// - Parameter features: the features of one of the photos under a view.
  /// - Throws: what `features` throws.
  package func matches(
    _ features: (PairSide, PhotoView) throws -> PhotoFeatures
  ) rethrows -> PhotoMatches {
    try searched(
      match: { view0, view1, options in
        let (first, second) = (try features(.first, view0), try features(.second, view1))
        let matches = matcher.matches(first.features, second.features, options: options, on: compute)
        return PhotoMatches(matches, first.frame, second.frame)
      },
      share: { view0, view1 in share(try features(.first, view0), try features(.second, view1)) })
  }

  /// The expected number of right coarse matches, as a share of the cells of the photo with fewer.
  func share(_ first: PhotoFeatures, _ second: PhotoFeatures) -> Double {
    let (coarse0, coarse1) = matcher.attended(first.features, second.features, on: compute)
    let threshold = options.threshold ?? matcher.coarseMatcher.defaultThreshold
    let matches = matcher.coarseMatcher.matches(coarse0, coarse1, threshold: threshold, on: compute)
    let cells = [coarse0, coarse1].map { $0.validRows * $0.validColumns }
    return matches.scores.reduce(0) { $0 + Double($1) } / Double(max(cells.min() ?? 1, 1))
  }

  /// Memory for photos of one size, bytes: what one photo's features take, and what a pair takes besides at its peak.
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
