import ArgumentParser
import Imaging
import Matching

/// Two views of one random texture, so that times can be measured anywhere, at any size, without photos.
///
/// Value noise: pseudo-random brightness on lattices of doubling spacing, interpolated and summed. The second view is
/// the same texture turned by about 4 degrees, 5 % larger and shifted. The bytes are the same on every machine.
struct TexturePair {
  let first: GrayImage
  let second: GrayImage

  init(width: Int, height: Int) {
    first = Self.view(width, height) { ($0, $1) }
    let (centreX, centreY) = (Float(width) / 2, Float(height) / 2)
    // The cosine and the sine of 4 degrees, over the scale.
    let (along, across): (Float, Float) = (0.99756 / 1.05, 0.06976 / 1.05)
    second = Self.view(width, height) { x, y in
      let (dx, dy) = (x - centreX, y - centreY)
      return (centreX * 1.03 + along * dx - across * dy, centreY * 0.98 + across * dx + along * dy)
    }
  }

  /// Spacing of each lattice in pixels, and its share of the brightness.
  private static let octaves: [(spacing: Float, weight: Float)] = [
    (3, 0.6), (6, 1), (12, 1), (24, 1), (48, 1), (96, 0.8),
  ]

  private static func view(
    _ width: Int, _ height: Int, _ place: (Float, Float) -> (x: Float, y: Float)
  ) -> GrayImage {
    var pixels = [UInt8](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let point = place(Float(x), Float(y))
        var sum: Float = 0
        for (index, octave) in octaves.enumerated() {
          sum += octave.weight * noise(point.x / octave.spacing, point.y / octave.spacing, UInt32(index))
        }
        // The factor spreads the sums, which crowd around their mean.
        pixels[y * width + x] = UInt8(min(max(127.5 + sum * 75, 0), 255))
      }
    }
    return GrayImage(width: width, height: height, pixels: .bits8(pixels))
  }

  /// Brightness in -1...1 at a point of one lattice with unit spacing.
  private static func noise(_ x: Float, _ y: Float, _ octave: UInt32) -> Float {
    let (floorX, floorY) = (x.rounded(.down), y.rounded(.down))
    let (column, row) = (Int32(floorX), Int32(floorY))
    func eased(_ t: Float) -> Float { t * t * (3 - 2 * t) }
    let (right, down) = (eased(x - floorX), eased(y - floorY))
    let top = mixed(hash(column, row, octave), hash(column &+ 1, row, octave), right)
    let bottom = mixed(hash(column, row &+ 1, octave), hash(column &+ 1, row &+ 1, octave), right)
    return mixed(top, bottom, down)
  }

  private static func mixed(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }

  /// A pseudo-random number in -1..<1 for a lattice point.
  private static func hash(_ column: Int32, _ row: Int32, _ octave: UInt32) -> Float {
    var bits = UInt32(bitPattern: column) &* 0x9E37_79B1
    bits ^= UInt32(bitPattern: row) &* 0x85EB_CA77
    bits = (bits ^ octave &* 0xC2B2_AE3D) &* 0x27D4_EB2F
    bits = (bits ^ bits >> 15) &* 0x2C1B_3C6D
    bits = (bits ^ bits >> 12) &* 0x297A_2D39
    return Float((bits ^ bits >> 15) >> 8) / Float(1 << 23) - 1
  }
}

struct PictureSize: Equatable {
  let width: Int
  let height: Int

  /// The size at which matchers are usually compared.
  static let usual = PictureSize(width: 640, height: 480)

  private static let mostPixels = 1 << 27

  private init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  /// Parses WIDTHxHEIGHT. Throws `ValidationError`, also for sides that are too short or too long.
  init(parsing text: String) throws {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else {
      throw ValidationError("'\(text)' is not a size: give WIDTHxHEIGHT, such as 640x480")
    }
    let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
    guard min(width, height) >= Matcher.minimumSide, !overflows, pixels <= Self.mostPixels else {
      throw ValidationError(
        "'\(text)' is out of range: use sides of at least \(Matcher.minimumSide) and at most \(Self.mostPixels) pixels"
      )
    }
    self.init(width: width, height: height)
  }
}
