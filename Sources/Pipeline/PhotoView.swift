// How a photo is shown to the network (cropped, rotated by quarter turns, resized), and the way back to its own pixels.

import Geometry
import Imaging
import Matching
import Tensor

package struct PhotoView: Hashable, Sendable {
  /// Turned before it is shown.
  package var turns = QuarterTurns.none
  /// Size as a share of the usual one, in 0...1.
  package var shrinking = 1.0
  /// The part shown, enlarged to the usual size of the whole; nil for the whole.
  package var region: PixelRegion?

  package static let upright = PhotoView()

  /// Size, before turning, at which the network sees the part shown.
  func size(of photo: GrayImage, maxSize: Int) -> NetworkSize {
    let usual = NetworkSize(width: photo.width, height: photo.height, maxSize: maxSize)
    let longer = Int((Double(max(usual.width, usual.height)) * shrinking).rounded())
    guard let region else {
      return shrinking < 1
        ? NetworkSize(width: photo.width, height: photo.height, maxSize: max(1, longer)) : usual
    }
    // Small parts are enlarged: that does not make them sharper, but gives finer cells.
    let scale = Double(longer) / Double(max(region.width, region.height))
    let enlarged = [region.width, region.height].map { max(1, Int((Double($0) * scale).rounded())) }
    return NetworkSize(width: enlarged[0], height: enlarged[1], maxSize: max(1, longer))
  }
}

/// How the network saw a photo, without the pixels.
package struct SeenFrame: Equatable, Sendable {
  /// Of the photo, in pixels.
  package let photoWidth: Int
  package let photoHeight: Int
  package let view: PhotoView
  /// Before turning.
  package let size: NetworkSize
  /// From scaled to the photo's own pixels, before turning and without the region's offset.
  package let scaling: PixelScaling

  package init(photoWidth: Int, photoHeight: Int, view: PhotoView, size: NetworkSize, scaling: PixelScaling) {
    self.photoWidth = photoWidth
    self.photoHeight = photoHeight
    self.view = view
    self.size = size
    self.scaling = scaling
  }

  /// Maps a point from the network's pixels to the photo's own.
  package func toPhoto(_ point: SIMD2<Double>) -> SIMD2<Double> {
    let back = QuarterTurns(-view.turns.count)
    let isTurned = view.turns.count % 2 == 1
    let (width, height) = isTurned ? (size.height, size.width) : (size.width, size.height)
    let upright = back.turned(point, width: width, height: height)
    let place = view.region.map { SIMD2(Double($0.x), Double($0.y)) } ?? .zero
    return scaling.toOriginal(upright) + place
  }
}

package struct SeenPhoto: Sendable {
  /// [height, width] in [0, 1], turned and scaled.
  package let pixels: Tensor
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
