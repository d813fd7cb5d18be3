// Where the two photos lie in the picture of the matches, and how large.
// Photos get one height, as large as the widths allow; a small one is not blown up beyond twice its size and is
// then centred beside the large one.

import Geometry

/// Sizes and places in the picture of the matches, pixels.
struct MatchPictureLayout: Equatable {
  /// A photo's place.
  struct Photo: Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    /// From pixels of the original to those of the scaled photo.
    var scaling: PixelScaling

    /// A point of the original in the picture.
    func place(_ point: SIMD2<Double>) -> SIMD2<Double> {
      scaling.toResized(point) + SIMD2(Double(x), Double(y))
    }
  }

  /// The widest picture.
  static let maximumWidth = 1920
  /// The tallest photo.
  static let maximumHeight = 1080
  /// The narrowest picture: room for the caption.
  static let minimumWidth = 420
  /// Between the photos.
  static let gap = 8
  /// A photo is enlarged at most so much.
  static let maximumEnlargement = 2

  let left: Photo
  let right: Photo
  /// Width of the whole picture.
  let width: Int
  /// Height of the area of the photos, the caption not included.
  let height: Int

  /// The layout of photos of two sizes (width, height).
  init(left: (width: Int, height: Int), right: (width: Int, height: Int)) {
    func fitted(_ size: (width: Int, height: Int), _ height: Int) -> (width: Int, height: Int) {
      let height = min(height, Self.maximumEnlargement * size.height)
      let width = (Double(size.width) * Double(height) / Double(size.height)).rounded()
      return (max(1, Int(width)), height)
    }
    let room = Self.maximumWidth - Self.gap
    var common = min(Self.maximumHeight, Self.maximumEnlargement * max(left.height, right.height))
    while common > 1 && fitted(left, common).width + fitted(right, common).width > room { common -= 1 }
    var (size0, size1) = (fitted(left, common), fitted(right, common))
    // Only strips thinner than a pixel get here: each has half of the room.
    size0.width = min(size0.width, max(room / 2, room - size1.width))
    size1.width = min(size1.width, room - size0.width)

    let content = size0.width + Self.gap + size1.width
    width = max(content, Self.minimumWidth)
    height = max(size0.height, size1.height)
    let start = (width - content) / 2
    self.left = Photo(
      x: start, y: (height - size0.height) / 2, width: size0.width, height: size0.height,
      scaling: PixelScaling(
        originalWidth: left.width, originalHeight: left.height, resizedWidth: size0.width,
        resizedHeight: size0.height))
    self.right = Photo(
      x: start + size0.width + Self.gap, y: (height - size1.height) / 2, width: size1.width,
      height: size1.height,
      scaling: PixelScaling(
        originalWidth: right.width, originalHeight: right.height, resizedWidth: size1.width,
        resizedHeight: size1.height))
  }
}
