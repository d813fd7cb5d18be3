// Photos in, correspondences out: decoding and scaling around the network, and the way back to the photos' own pixels.
// The network's pixel (x, y) is the photo's ((x + 0.5) * s - 0.5), with a scale s per axis.

import Geometry
import Imaging
import LeastSquares
import Matching
import Tensor

package struct Photo: Sendable {
  /// As given.
  package let path: String
  package let image: GrayImage

  /// Reads and decodes a file. Throws `ImagingError`.
  package init(path: String) throws {
    self.path = path
    image = try ImageReader(path: path).gray(minimumSide: Matcher.minimumSide)
  }

  package init(path: String, image: GrayImage) {
    self.path = path
    self.image = image
  }
}

package struct PhotoMatches: Sendable {
  /// In the photos' own pixels, best first.
  package var correspondences: Correspondences
  /// How the network saw the photos.
  package var frames: Pair<SeenFrame>
  package var statistics: MatchingStatistics

  package var count: Int { correspondences.count }
}

package struct PhotoMatcher: Sendable {
  package let matcher: Matcher
  /// Longer side of the network's input, in pixels; 0 for the photo's own. Photos are never enlarged.
  package let maxSize: Int
  package let options: MatchingOptions
  package let search: ViewSearch
  package let precision: PrecisionMode
  package let compute: Compute

  package init(
    matcher: Matcher, maxSize: Int = 640, options: MatchingOptions = MatchingOptions(),
    search: ViewSearch = .none, precision: PrecisionMode = .network, compute: Compute
  ) {
    self.matcher = matcher
    self.maxSize = maxSize
    self.options = options
    self.search = search
    self.precision = precision
    self.compute = compute
  }

  /// - Throws: `PipelineError.notEnoughMemory` before any work, `ImagingError` if scaling fails.
  package func callAsFunction(_ first: Photo, _ second: Photo) throws -> PhotoMatches {
    let sizes = [first, second].map { PhotoView.upright.size(of: $0.image, maxSize: maxSize) }
    try MemoryEstimate(matcher).check(sizes.map { ($0.width, $0.height) })
    let start = ContinuousClock.now
    let photos = Pair(first, second)
    var looks = Pair<[PhotoView: PhotoFeatures]>([:], [:])
    func look(_ side: PairSide, _ view: PhotoView) throws -> PhotoFeatures {
      if let known = looks[side][view] { return known }
      let made = try features(of: photos[side], as: view).withoutLaterals
      looks[side][view] = made
      return made
    }
    var result = try searched(
      match: { view0, view1, options in
        let seen0 = try SeenPhoto(first, as: view0, maxSize: maxSize)
        let seen1 = try SeenPhoto(second, as: view1, maxSize: maxSize)
        let matches = matcher(seen0.pixels, seen1.pixels, options: options, on: compute)
        return PhotoMatches(matches, seen0.frame, seen1.frame)
      },
      share: { view0, view1 in share(try look(.first, view0), try look(.second, view1)) },
      pixels: { photos.map(pyramid) })
    if search != .none {
      let all = (ContinuousClock.now - start) / .seconds(1)
      let own = result.statistics.stages.map(\.seconds).reduce(0, +)
      result.statistics.stages.insert(StageTime(stage: "view search", seconds: max(0, all - own)), at: 0)
    }
    return result
  }

  /// The best matches among the views tried, refined.
  func searched(
    match: (PhotoView, PhotoView, MatchingOptions) throws -> PhotoMatches,
    share: (PhotoView, PhotoView) throws -> Double, pixels: () throws -> Pair<PixelPyramid>
  ) rethrows -> PhotoMatches {
    var unlimited = options
    // The search compares views by all their matches; refinement asks the neighbours of every match.
    if search != .none || precision != .network { unlimited.maximumMatches = nil }
    let found = try search(match: { try match($0, $1, unlimited) }, share: share)
    var result = try refined(found, pixels: pixels)
    if let most = options.maximumMatches, most < result.count {
      result.correspondences = result.correspondences.selecting(0..<most)
    }
    return result
  }
}

extension PhotoMatches {
  /// In the photos' own pixels, best first.
  package init(_ matches: Matches, _ first: SeenFrame, _ second: SeenFrame) {
    let found = matches.correspondences
    correspondences = found.selecting(found.bestFirst).mapped(first.toPhoto, second.toPhoto)
    frames = Pair(first, second)
    statistics = matches.statistics
  }
}
