// A photo's grey values at full, half, quarter size and so on. The full size is the photo as decoded; the others are
// 16 bits deep and together a third as many pixels. Pixel x of a level is (x + 0.5) / 2^level - 0.5 of the photo's.

import CKernels
import Imaging
import Tensor

/// A photo and its smaller copies, for windows to be sampled at the scale that suits them.
package struct PixelPyramid: Sendable {
  package let photo: GrayImage
  private let halves: [(width: Int, height: Int, pixels: [UInt16])]

  package var levels: Int { halves.count + 1 }
  package var byteCount: Int {
    let photoBytes = if case .bits8 = photo.pixels { photo.pixels.count } else { 2 * photo.pixels.count }
    return photoBytes + halves.reduce(0) { $0 + 2 * $1.pixels.count }
  }

  /// - Parameters:
  ///   - photo: the pixels as decoded.
  ///   - levels: sizes, at least 1; fewer where the photo would shrink below `leastSide`.
  ///   - compute: threads.
  package init(_ photo: GrayImage, levels: Int, on compute: Compute) {
    self.photo = photo
    var halves: [(width: Int, height: Int, pixels: [UInt16])] = []
    var (width, height) = (photo.width, photo.height)
    while halves.count + 1 < levels && min(width, height) >= 2 * Self.leastSide {
      (width, height) = ((width + 1) / 2, (height + 1) / 2)
      let (columns, rows) = (width, height)
      let pixels = [UInt16](unsafeUninitializedCapacity: columns * rows) { buffer, count in
        // The rows that a piece writes are its own.
        nonisolated(unsafe) let target = buffer.baseAddress
        Self.withPicture(photo, halves, level: halves.count) { picture in
          compute.parallelFor(rows, grain: 32) { range in
            guard let target else { return }
            withUnsafePointer(to: picture) {
              ck_halve($0, range.lowerBound, range.count, target + range.lowerBound * columns)
            }
          }
        }
        count = columns * rows
      }
      halves.append((width, height, pixels))
    }
    self.halves = halves
  }

  /// Smaller pictures hold too few windows.
  static let leastSide = 32

  /// Calls `body` with the kernel's descriptions of all levels, valid during the call.
  func withPictures<Result>(_ body: ([ck_picture]) -> Result) -> Result { gather([], body) }

  private func gather<Result>(_ pictures: [ck_picture], _ body: ([ck_picture]) -> Result) -> Result {
    if pictures.count == levels { return body(pictures) }
    return Self.withPicture(photo, halves, level: pictures.count) { gather(pictures + [$0], body) }
  }

  private static func withPicture<Result>(
    _ photo: GrayImage, _ halves: [(width: Int, height: Int, pixels: [UInt16])], level: Int,
    _ body: (ck_picture) -> Result
  ) -> Result {
    func describe(_ bytes: UnsafeRawBufferPointer, _ width: Int, _ height: Int, depth: Int) -> ck_picture {
      ck_picture(
        pixels: bytes.baseAddress, width: width, height: height, bytes: depth, unit: depth == 1 ? 1 : 1 / 257)
    }
    if level > 0 {
      let half = halves[level - 1]
      return half.pixels.withUnsafeBytes { body(describe($0, half.width, half.height, depth: 2)) }
    }
    return switch photo.pixels {
    case .bits8(let values):
      values.withUnsafeBytes { body(describe($0, photo.width, photo.height, depth: 1)) }
    case .bits16(let values):
      values.withUnsafeBytes { body(describe($0, photo.width, photo.height, depth: 2)) }
    }
  }
}
