// Reductions over non-overlapping square windows: max-pooling and strided depthwise convolution.

import CKernels

/// Maximum over non-overlapping windows; pixels beyond the last whole window are dropped.
package struct MaxPooling: Sendable {
  /// Side and stride of the window, in pixels.
  package let size: Int

  package init(size: Int) { self.size = size }

  /// map [height, width, channels] -> [height / size, width / size, channels].
  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor {
    reduceWindows(of: map, size: size, on: compute) { source, window, piece, output in
      ck_max_pool(source, window, piece.lowerBound, piece.count, output)
    }
  }
}

/// A depthwise convolution without bias whose stride is its kernel size (EfficientLoFTR, section 3.2: it aggregates
/// query tokens).
package struct DepthwiseAggregation: Sendable {
  private let size: Int
  /// (size * size, channels).
  private let weight: Tensor

  /// Reads `weight` [channels, 1, size, size].
  package init(_ channels: Int, size: Int, from parameters: Parameters) throws {
    let source = try parameters.tensor("weight", [channels, 1, size, size])
    self.size = size
    weight = source.withElements { source in
      Tensor([size * size, channels]) { target in
        for channel in 0..<channels {
          for tap in 0..<size * size {
            target[tap * channels + channel] = source[channel * size * size + tap]
          }
        }
      }
    }
  }

  /// map [height, width, channels] -> [height / size, width / size, channels].
  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor {
    precondition(map.shape[2] == weight.shape[1], "map \(map.shape) for \(weight.shape[1]) channels")
    compute.count(multiplyAdds: map.shape[0] / size * (map.shape[1] / size) * weight.count)
    return weight.withElements { weight in
      reduceWindows(of: map, size: size, on: compute) { source, window, piece, output in
        ck_depthwise(source, window, weight.baseAddress, piece.lowerBound, piece.count, output)
      }
    }
  }
}

private func reduceWindows(
  of map: Tensor, size: Int, on compute: Compute,
  _ reduce: (UnsafePointer<Float>, ck_window, Range<Int>, UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  let (height, width, channels) = (map.shape[0] / size, map.shape[1] / size, map.shape[2])
  let window = ck_window(width: map.shape[1], channels: channels, side: size, output_width: width)
  return Tensor([height, width, channels]) { output in
    borrowElements(map) { map in
      guard let map, let output = output.baseAddress else { return }
      compute.parallelFor(height * width, grain: 256) { piece in
        reduce(map, window, piece, output + piece.lowerBound * channels)
      }
    }
  }
}
