// Pictures for the tests, made here: grey ones from a formula, blocks of random brightness, which the network matches
// well; and where Debian's sample photos are.

import Foundation
import Imaging

/// A grey picture of 8 bits from a formula.
package func gray8(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> Int) -> GrayImage {
  var pixels: [UInt8] = []
  pixels.reserveCapacity(width * height)
  for y in 0..<height { for x in 0..<width { pixels.append(UInt8(clamping: value(x, y))) } }
  return GrayImage(width: width, height: height, pixels: .bits8(pixels))
}

/// A grey picture of 16 bits from a formula.
package func gray16(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> Int) -> GrayImage {
  var pixels: [UInt16] = []
  pixels.reserveCapacity(width * height)
  for y in 0..<height { for x in 0..<width { pixels.append(UInt16(clamping: value(x, y))) } }
  return GrayImage(width: width, height: height, pixels: .bits16(pixels))
}

/// 8 x 8 pixel blocks of pseudo-random brightness, 40 to 215, which survive any JPEG compression.
package func blockBrightness(_ x: Int, _ y: Int) -> Int {
  var value =
    UInt32(truncatingIfNeeded: x / 8) &* 2_654_435_761 &+ UInt32(truncatingIfNeeded: y / 8) &* 2_246_822_519
  value ^= value >> 15
  value = value &* 2_246_822_519
  value ^= value >> 13
  return Int(40 + value % 176)
}

/// A grey picture of such blocks.
package func blocks(width: Int = 160, height: Int = 160) -> GrayImage {
  gray8(width, height, blockBrightness)
}

/// The blocks at 16 bits.
package func deepBlocks(width: Int = 160, height: Int = 160) -> GrayImage {
  gray16(width, height) { blockBrightness($0, $1) * 257 }
}

/// A grey picture of one brightness.
package func plain(_ width: Int, _ height: Int) -> GrayImage { gray8(width, height) { _, _ in 128 } }

extension GrayImage {
  /// The pixel as stored.
  package func value(_ x: Int, _ y: Int) -> Int {
    switch pixels {
    case .bits8(let values): Int(values[y * width + x])
    case .bits16(let values): Int(values[y * width + x])
    }
  }
}

/// The sample pictures of the Debian package opencv-doc, which `make test` installs.
package enum SamplePictures {
  private static let folder = "/usr/share/doc/opencv-doc/examples/data/"

  /// A picture's path; throws where the package is missing.
  package static func path(_ name: String) throws -> String {
    guard FileManager.default.fileExists(atPath: folder + name) else { throw Missing(path: folder + name) }
    return folder + name
  }

  private struct Missing: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path) is missing: install the package opencv-doc" }
  }
}
