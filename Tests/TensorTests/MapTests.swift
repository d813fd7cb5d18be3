// Pooling, depthwise aggregation and up-sampling against their naive twins.

import CKernels
import Tensor
import Testing
import TestSupport

@Suite struct MapTests {
  static let sizes = [(1, 1), (2, 2), (1, 5), (7, 1), (5, 8), (9, 7), (40, 33)]

  @Test(arguments: sizes, [1, 2, 3, 4]) func pooling(extents: (Int, Int), size: Int) throws {
    var random = SeededGenerator(extents.0 * 10 + extents.1 + size)
    for channels in [1, 5, 24] {
      // All below zero, so that a maximum begun at zero would show.
      let map = random.tensor([extents.0, extents.1, channels], in: -5 ... -1)
      let shape = [extents.0 / size, extents.1 / size, channels]
      expectClose(
        MaxPooling(size: size)(map, on: compute), shape,
        Naive.windows(map, size: size) { window, _ in window.max() ?? .nan }, within: 0)
      let weight = random.tensor([channels, 1, size, size])
      let aggregation = try DepthwiseAggregation(channels, size: size, from: Parameters(["weight": weight]))
      expectClose(
        aggregation(map, on: compute), shape,
        Naive.windows(map, size: size) { window, channel in
          zip(window, weight.doubles[(channel * size * size)...]).reduce(0) { $0 + $1.0 * $1.1 }
        })
    }
  }

  @Test(arguments: [1, 2, 3]) func windowKernelsStayInside(size: Int) {
    var random = SeededGenerator(size)
    let (height, width, channels) = (size * 3 + 1, size * 2 + 1, 5)
    let map = random.tensor([height, width, channels])
    let weight = random.tensor([size * size, channels])
    let window = ck_window(width: width, channels: channels, side: size, output_width: width / size)
    let (first, count) = (1, height / size * (width / size) - 1)
    let skipped = first * channels
    let pooled = kernelOutput(count * channels) { output in
      withGuards(map) { ck_max_pool($0, window, first, count, output) }
    }
    let maxima = Naive.windows(map, size: size) { window, _ in window.max() ?? .nan }
    #expect(relativeError(pooled, Array(maxima[skipped...])) == 0)
    let aggregated = kernelOutput(count * channels) { output in
      withGuards(map) { map in withGuards(weight) { ck_depthwise(map, window, $0, first, count, output) } }
    }
    let sums = Naive.windows(map, size: size) { window, channel in
      window.indices.reduce(0) { $0 + window[$1] * weight.doubles[$1 * channels + channel] }
    }
    #expect(relativeError(aggregated, Array(sums[skipped...])) < 1e-6)
  }

  @Test(arguments: [(1, 1), (1, 5), (4, 1), (2, 3), (5, 8), (13, 11)], [1, 2, 3, 4])
  func upsampling(extents: (Int, Int), factor: Int) {
    var random = SeededGenerator(extents.0 * 10 + extents.1 + factor)
    let (height, width) = (extents.0 * factor, extents.1 * factor)
    for (channels, alignment) in [(1, Alignment.cornerPixels), (7, .cornerPixels), (1, .edges), (7, .edges)] {
      let map = random.tensor([extents.0, extents.1, channels])
      let upsampling = BilinearUpsampling(factor: factor, alignment: alignment)
      expectClose(
        upsampling(map, on: compute), [height, width, channels],
        Naive.upsampling(map, factor: factor, alignment, height: height, width: width), "\(alignment)")
      // Cropped, what remains is the same.
      let (cropHeight, cropWidth) = (max(1, height - 1), max(1, width - factor + 1))
      expectClose(
        upsampling(map, cropHeight: cropHeight, cropWidth: cropWidth, on: compute),
        [cropHeight, cropWidth, channels],
        Naive.upsampling(map, factor: factor, alignment, height: cropHeight, width: cropWidth),
        "\(alignment), cropped")
    }
  }

  @Test func bilinearRowStaysInside() {
    var random = SeededGenerator(4)
    let (width, channels) = (3, 9)
    let (upper, lower) = (random.tensor([width, channels]), random.tensor([width, channels]))
    let (left, right): ([Int32], [Int32]) = ([0, 0, 1, 2, 2], [0, 1, 2, 2, 2])
    let weights: [Float] = [0.3, 0.25, 0.75, 0, 1]
    let row = kernelOutput(5 * channels) { output in
      withGuards(upper) { upper in
        withGuards(lower) { ck_bilinear_row(upper, $0, 0.4, left, right, weights, 5, channels, output) }
      }
    }
    let expected = (0..<5).flatMap { x in
      (0..<channels).map { channel in
        func mix(_ row: Tensor) -> Double {
          let weight = Double(weights[x])
          return (1 - weight) * row.doubles[Int(left[x]) * channels + channel]
            + weight * row.doubles[Int(right[x]) * channels + channel]
        }
        return 0.6 * mix(upper) + 0.4 * mix(lower)
      }
    }
    #expect(relativeError(row, expected) < 1e-6)
  }

  @Test(arguments: [(1, 1), (3, 5), (12, 9)], [1, 4, 7]) func bilinearSquares(
    extents: (Int, Int), side: Int
  ) {
    var random = SeededGenerator(extents.0 + 10 * side)
    let (height, width) = extents
    for channels in [1, 5, 32] {
      let map = random.tensor([height, width, channels])
      // On a pixel, between pixels, across each edge, and far beyond.
      for (y, x) in [
        (0, 0), (2.25, 1.5), (-1.75, 3), (0.5, -2.125), (Float(height), Float(width)), (-40, 70),
      ] {
        let square = kernelOutput(side * side * channels) { output in
          withGuards(map) { ck_bilinear_square($0, height, width, channels, y, x, side, output) }
        }
        let expected = (0..<side * side * channels).map { index in
          let (row, column) = (index / channels / side, index / channels % side)
          let (top, left) = (y.rounded(.down), x.rounded(.down))
          func pixel(_ down: Int, _ across: Int) -> Double {
            let place = (
              min(max(Int(top) + row + down, 0), height - 1),
              min(max(Int(left) + column + across, 0), width - 1)
            )
            return map.doubles[(place.0 * width + place.1) * channels + index % channels]
          }
          let (v, u) = (Double(y - top), Double(x - left))
          return (1 - v) * ((1 - u) * pixel(0, 0) + u * pixel(0, 1)) + v
            * ((1 - u) * pixel(1, 0) + u * pixel(1, 1))
        }
        #expect(relativeError(square, expected) < 1e-6, "at \(y), \(x)")
      }
    }
  }
}
