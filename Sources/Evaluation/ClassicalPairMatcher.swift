import Geometry
import Imaging
import Pipeline

/// A classical matcher as one to evaluate, on photos of a given size.
package struct ClassicalPairMatcher: PairMatcher {
  /// The names accepted on the command line.
  package static let names = ClassicalMatcher.Kind.allCases.map(\.rawValue)

  package let name: String
  package let description: String
  package let identity: String

  private let matcher: ClassicalMatcher
  private let maxSize: Int

  /// `maxSize` is the longer side to which photos are reduced, pixels; 0 keeps their size.
  package init(name: String, matcher: ClassicalMatcher, maxSize: Int) {
    self.name = name
    self.matcher = matcher
    self.maxSize = maxSize
    description =
      matcher.description + (maxSize == 0 ? ", full-size photos" : ", photos up to \(maxSize) px")
    identity = "opencv \(matcher.description) max-size \(maxSize)"
  }

  package func seenSize(width: Int, height: Int) -> NetworkSize {
    NetworkSize(width: width, height: height, maxSize: maxSize, multiple: 1)
  }

  package func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction {
    let clock = ContinuousClock()
    let start = clock.now
    let images = Pair(photo0.image, photo1.image)
    let sizes = images.map { seenSize(width: $0.width, height: $0.height) }
    let seen = try Pair { try images[$0].resized(width: sizes[$0].width, height: sizes[$0].height) }
    let scalings = Pair { PixelScaling(images[$0], sizes[$0]) }
    var prediction = try matcher.match(seen.first, seen.second)
    prediction.correspondences = prediction.correspondences.mapped(
      scalings.first.toOriginal, scalings.second.toOriginal)
    prediction.seconds = (clock.now - start) / .seconds(1)
    return prediction
  }
}

extension PixelScaling {
  /// From the matcher's input size to the photo's own.
  fileprivate init(_ image: GrayImage, _ seen: NetworkSize) {
    self.init(
      originalWidth: image.width, originalHeight: image.height, resizedWidth: seen.width,
      resizedHeight: seen.height)
  }
}
