// Photos in, correspondences out: decoding and scaling around the network, and the way back to the photos'
// own pixels. The network's pixel (x, y) is the photo's ((x + 0.5) * s - 0.5), with a scale s for each axis.

import Geometry
import Imaging
import Matching
import Tensor

/// A grey photo and the name that it came under.
public struct Photo: Sendable {
  /// The path as given.
  public let path: String
  /// Its pixels.
  public let image: GrayImage

  /// Reads and decodes a file.
  ///
  /// - Throws: `ImagingError` naming the file.
  public init(path: String) throws {
    self.path = path
    image = try ImageReader(path: path).gray(minimumSide: Matcher.minimumSide)
  }

  /// A photo that is in memory already.
  public init(path: String, image: GrayImage) {
    self.path = path
    self.image = image
  }
}

/// Correspondences in the photos' own pixels (the centre of the first pixel is (0, 0)), best score first.
public struct PhotoMatches: Sendable {
  /// Points in the first photo.
  public var points0: [SIMD2<Double>]
  /// Points in the second photo.
  public var points1: [SIMD2<Double>]
  /// Probability of each match, in 0...1, descending.
  public var scores: [Double]
  /// Sizes at which the network saw the photos.
  public var networkSizes: [NetworkSize]
  /// From network to photo pixels, for each photo.
  public var scalings: [PixelScaling]
  /// Counts and times.
  public var statistics: MatchingStatistics

  /// Number of matches.
  public var count: Int { points0.count }
}

/// Matches photos with one model and one set of options.
public struct PhotoMatcher: Sendable {
  /// The network.
  public let matcher: Matcher
  /// Longer side at which the network sees a photo, pixels; 0 for the photo as it is. Never enlarges.
  public let maxSize: Int
  /// Threshold and limit of matches.
  public let options: MatchingOptions
  /// Threads.
  public let compute: Compute

  /// - Parameters:
  ///   - matcher: the network.
  ///   - maxSize: longer side at which the network sees a photo, pixels; 0 for the photo as it is.
  ///   - options: threshold and limit of matches.
  ///   - compute: threads.
  public init(
    matcher: Matcher, maxSize: Int = 640, options: MatchingOptions = MatchingOptions(), compute: Compute
  ) {
    self.matcher = matcher
    self.maxSize = maxSize
    self.options = options
    self.compute = compute
  }

  /// - Throws: `PipelineError.notEnoughMemory` before any work, `ImagingError` if scaling fails.
  public func callAsFunction(_ first: Photo, _ second: Photo) throws -> PhotoMatches {
    let photos = [first, second]
    let sizes = photos.map { NetworkSize(width: $0.image.width, height: $0.image.height, maxSize: maxSize) }
    try MemoryEstimate(matcher).check(sizes.map { ($0.width, $0.height) })
    let images = try zip(photos, sizes).map { photo, size in
      let scaled = try photo.image.resized(width: size.width, height: size.height)
      return Tensor([size.height, size.width], values: scaled.floatPixels())
    }
    let scalings = zip(photos, sizes).map { photo, size in
      PixelScaling(
        originalWidth: photo.image.width, originalHeight: photo.image.height, resizedWidth: size.width,
        resizedHeight: size.height)
    }
    let matches = matcher(images[0], images[1], options: options, on: compute)
    let order = (0..<matches.count).sorted {
      matches.scores[$0] != matches.scores[$1] ? matches.scores[$0] > matches.scores[$1] : $0 < $1
    }
    return PhotoMatches(
      points0: order.map { scalings[0].toOriginal(SIMD2<Double>(matches.points0[$0])) },
      points1: order.map { scalings[1].toOriginal(SIMD2<Double>(matches.points1[$0])) },
      scores: order.map { Double(matches.scores[$0]) }, networkSizes: sizes, scalings: scalings,
      statistics: matches.statistics)
  }
}
