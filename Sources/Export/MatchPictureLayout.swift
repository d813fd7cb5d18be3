import Geometry

/// Where the two photos lie in the picture of the matches, in pixels. Both get the same height, as large as the widths
/// allow; a small one is enlarged at most twofold and then centred beside the large one.
struct MatchPictureLayout: Equatable {
  struct Photo: Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    /// From the original photo to the scaled one.
    var scaling: PixelScaling

    func place(_ point: SIMD2<Double>) -> SIMD2<Double> {
      scaling.toResized(point) + SIMD2(Double(x), Double(y))
    }
  }

  static let maximumWidth = 1920
  static let maximumHeight = 1080
  /// Leaves room for the caption.
  static let minimumWidth = 420
  static let gap = 8
  static let maximumEnlargement = 2

  let left: Photo
  let right: Photo
  let width: Int
  /// Without the caption.
  let height: Int

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
    // Only photos so elongated that they become thinner than a pixel get here: each takes half the room.
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
