// How the network is shown a photo: a part of it, turned by quarters, shrunk or enlarged; and the way back to the
// photo's own pixels.

import Geometry
import Imaging
import Matching
import Tensor

/// A way to show a photo to the network.
package struct PhotoView: Hashable, Sendable {
  /// Quarter turns before it is shown.
  package var turns: QuarterTurns
  /// Its size as a share of the usual one, in 0...1.
  package var shrinking: Double
  /// The part that is shown, enlarged to the usual size of the whole; nil for the whole.
  package var region: PixelRegion?

  /// The photo as it is, at its usual size.
  package static let upright = PhotoView()

  /// A way to show a photo.
  package init(turns: QuarterTurns = .none, shrinking: Double = 1, region: PixelRegion? = nil) {
    self.turns = turns
    self.shrinking = shrinking
    self.region = region
  }

  /// The size, before it is turned, at which the network sees what is shown of the photo.
  func size(of photo: GrayImage, maxSize: Int) -> NetworkSize {
    let usual = NetworkSize(width: photo.width, height: photo.height, maxSize: maxSize)
    let longer = Int((Double(max(usual.width, usual.height)) * shrinking).rounded())
    guard let region else {
      return shrinking < 1
        ? NetworkSize(width: photo.width, height: photo.height, maxSize: max(1, longer)) : usual
    }
    // Where a part is small, its pixels are enlarged: more of them make no sharper picture, but finer cells.
    let scale = Double(longer) / Double(max(region.width, region.height))
    let enlarged = [region.width, region.height].map { max(1, Int((Double($0) * scale).rounded())) }
    return NetworkSize(width: enlarged[0], height: enlarged[1], maxSize: max(1, longer))
  }
}

/// How a photo was shown to the network, without its pixels.
package struct SeenFrame: Equatable, Sendable {
  /// Width of the photo, pixels.
  package let photoWidth: Int
  /// Height of the photo, pixels.
  package let photoHeight: Int
  /// How it is shown.
  package let view: PhotoView
  /// The size of what is shown before it is turned.
  package let size: NetworkSize
  /// From scaled to the photo's own pixels, before turning and without the region's place.
  package let scaling: PixelScaling

  package init(photoWidth: Int, photoHeight: Int, view: PhotoView, size: NetworkSize, scaling: PixelScaling) {
    self.photoWidth = photoWidth
    self.photoHeight = photoHeight
    self.view = view
    self.size = size
    self.scaling = scaling
  }

  /// A point that the network found, in the photo's own pixels.
  package func toPhoto(_ point: SIMD2<Double>) -> SIMD2<Double> {
    let back = QuarterTurns(-view.turns.count)
    let isTurned = view.turns.count % 2 == 1
    let (width, height) = isTurned ? (size.height, size.width) : (size.width, size.height)
    let upright = back.turned(point, width: width, height: height)
    let place = view.region.map { SIMD2(Double($0.x), Double($0.y)) } ?? .zero
    return scaling.toOriginal(upright) + place
  }
}

/// A photo as the network sees it.
package struct SeenPhoto: Sendable {
  /// [height, width] in [0, 1], turned and scaled.
  package let pixels: Tensor
  /// How it is shown, and the way back.
  package let frame: SeenFrame

  /// - Throws: `ImagingError` if scaling fails.
  package init(_ photo: Photo, as view: PhotoView, maxSize: Int) throws {
    let size = view.size(of: photo.image, maxSize: maxSize)
    let shown = view.region.map { photo.image.cropped(to: $0) } ?? photo.image
    let turned = view.turns.turned(try shown.resized(width: size.width, height: size.height))
    pixels = Tensor([turned.height, turned.width], values: turned.floatPixels())
    let scaling = PixelScaling(
      originalWidth: shown.width, originalHeight: shown.height, resizedWidth: size.width,
      resizedHeight: size.height)
    frame = SeenFrame(
      photoWidth: photo.image.width, photoHeight: photo.image.height, view: view, size: size,
      scaling: scaling)
  }
}
