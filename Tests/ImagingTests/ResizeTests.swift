// Resizing against naive twins, and its alignment: x maps to (x + 0.5) * s - 0.5.

import Testing
import TestSupport

@testable import Imaging

@Suite struct ResizeTests {
  /// The mean of the source over the area of each target pixel, one axis at a time.
  private func naiveArea(_ values: [Double], to count: Int) -> [Double] {
    let scale = Double(values.count) / Double(count)
    return (0..<count).map { index in
      let (start, end) = (Double(index) * scale, Double(index + 1) * scale)
      var sum = 0.0
      for (source, value) in values.enumerated() {
        sum += value * max(0, min(end, Double(source + 1)) - max(start, Double(source)))
      }
      return sum / scale
    }
  }

  /// Linear interpolation at (x + 0.5) * s - 0.5, the border repeated.
  private func naiveLinear(_ values: [Double], to count: Int) -> [Double] {
    let scale = Double(values.count) / Double(count)
    return (0..<count).map { index in
      let place = min(max((Double(index) + 0.5) * scale - 0.5, 0), Double(values.count - 1))
      let left = Int(place)
      let right = min(left + 1, values.count - 1)
      return values[left] + (values[right] - values[left]) * (place - Double(left))
    }
  }

  private func naive(_ image: GrayImage, width: Int, height: Int) -> [[Double]] {
    let rows = (0..<image.height).map { y in (0..<image.width).map { Double(image.value($0, y)) } }
    let wide = rows.map { width < image.width ? naiveArea($0, to: width) : naiveLinear($0, to: width) }
    let columns = (0..<width).map { x in
      let column = wide.map { $0[x] }
      return height < image.height ? naiveArea(column, to: height) : naiveLinear(column, to: height)
    }
    return (0..<height).map { y in columns.map { $0[y] } }
  }

  @Test(arguments: [
    (31, 23), (62, 46), (20, 11), (93, 69), (150, 100), (62, 100), (200, 46), (93, 20), (100, 69), (1, 1),
  ])
  func matchesNaiveTwin(width: Int, height: Int) throws {
    let small = gray8(93, 69) { ($0 * $0 * 3 + $1 * 11 + $0 * $1) % 256 }
    let large = gray16(93, 69) { ($0 * $0 * 700 + $1 * 1100 + $0 * $1) % 65536 }
    for (image, tolerance) in [(small, 1.5), (large, 1.5 * 257)] {
      let resized = try image.resized(width: width, height: height)
      let expected = naive(image, width: width, height: height)
      var worst = 0.0
      for y in 0..<height {
        for x in 0..<width { worst = max(worst, abs(Double(resized.value(x, y)) - expected[y][x])) }
      }
      // 16 bits are interpolated in floating point; the tolerance there is one level of 8 bits.
      #expect(worst <= tolerance, "\(width)x\(height): off by \(worst)")
    }
  }

  @Test(arguments: [100, 37, 640, 185])
  func rampStaysAligned(width: Int) throws {
    let image = gray16(370, 8) { x, _ in 1000 + 100 * x }
    let resized = try image.resized(width: width, height: 8)
    let scale = 370 / Double(width)
    for x in 2..<(width - 2) {
      let original = (Double(x) + 0.5) * scale - 0.5
      // Averaging a stair of 100 a pixel over a fractional width is off by up to 100 / 8 / scale.
      let tolerance = 1 + (scale > 1 ? 12.5 / scale : 0)
      #expect(abs(Double(resized.value(x, 4)) - (1000 + 100 * original)) <= tolerance)
    }
  }

  @Test func colorIsResizedByChannel() throws {
    var pixels: [UInt8] = []
    for _ in 0..<4 { for x in 0..<8 { pixels += [UInt8(x * 10), UInt8(x * 20), UInt8(x * 30)] } }
    let resized = try ColorImage(width: 8, height: 4, pixels: pixels).resized(width: 4, height: 2)
    #expect(resized[0, 0] == Color(red: 15, green: 10, blue: 5))
    #expect(resized[3, 1] == Color(red: 195, green: 130, blue: 65))
  }

  @Test func sameSizeIsTheSamePicture() throws {
    let image = gray8(9, 7) { $0 * $1 }
    #expect(try image.resized(width: 9, height: 7) == image)
  }

  @Test func networkSizes() {
    func size(_ width: Int, _ height: Int, _ maxSize: Int, multiple: Int = 16) -> [Int] {
      let size = NetworkSize(width: width, height: height, maxSize: maxSize, multiple: multiple)
      return [size.width, size.height]
    }
    #expect(size(1282, 1110, 640) == [640, 560])  // 554.1 -> 34.6 * 16
    #expect(size(800, 640, 640) == [640, 512])
    #expect(size(640, 800, 640) == [512, 640])
    #expect(size(640, 427, 640) == [640, 432])
    #expect(size(324, 223, 640) == [320, 224])
    #expect(size(5000, 3001, 0) == [5000, 3001])
    #expect(size(20000, 3, 640) == [640, 16])
    #expect(size(1000, 1000, 650) == [640, 640])
    #expect(size(5, 7, 0) == [5, 7])
    #expect(size(1000, 500, 640, multiple: 8) == [640, 320])
  }
}
