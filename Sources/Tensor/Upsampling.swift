// Bilinear up-sampling by a whole factor, in both of PyTorch's alignments.

import CKernels

/// Where output samples lie in the input.
package enum Alignment: Sendable {
  /// The centres of the corner pixels coincide: source = i * (n - 1) / (factor * n - 1). LoFTR's FPN.
  case cornerPixels
  /// The outer edges coincide: source = (i + 0.5) / factor - 0.5. The convention of this project.
  case edges
}

package struct BilinearUpsampling: Sendable {
  package let factor: Int
  package let alignment: Alignment

  package init(factor: Int, alignment: Alignment) {
    self.factor = factor
    self.alignment = alignment
  }

  /// map [height, width, channels] -> [cropHeight, cropWidth, channels], the top left part of the map up-sampled by
  /// `factor`; nil does not crop.
  package func callAsFunction(
    _ map: Tensor, cropHeight: Int? = nil, cropWidth: Int? = nil, on compute: Compute
  ) -> Tensor {
    self(map, rows: 0..<(cropHeight ?? map.shape[0] * factor), cropWidth: cropWidth, on: compute)
  }

  /// map [height, width, channels] -> [rows.count, cropWidth, channels]: these rows of the up-sampled map.
  package func callAsFunction(
    _ map: Tensor, rows range: Range<Int>, cropWidth: Int? = nil, on compute: Compute
  ) -> Tensor {
    let (height, width, channels) = (map.shape[0], map.shape[1], map.shape[2])
    let outputWidth = cropWidth ?? width * factor
    precondition(
      range.lowerBound >= 0 && range.upperBound <= height * factor && outputWidth <= width * factor,
      "the crop exceeds the map")
    let rows = Samples(range, extent: height, factor, alignment)
    let columns = Samples(0..<outputWidth, extent: width, factor, alignment)
    return Tensor([range.count, outputWidth, channels]) { output in
      borrowElements(map) { map in
        guard let map, let output = output.baseAddress else { return }
        compute.parallelFor(range.count, grain: 4) { piece in
          for y in piece {
            ck_bilinear_row(
              map + Int(rows.first[y]) * width * channels, map + Int(rows.second[y]) * width * channels,
              rows.weight[y], columns.first, columns.second, columns.weight, outputWidth, channels,
              output + y * outputWidth * channels)
          }
        }
      }
    }
  }
}

/// For each output index the two input indices to interpolate between, and the weight of the second.
private struct Samples {
  var first: [Int32] = []
  var second: [Int32] = []
  var weight: [Float] = []

  init(_ indices: Range<Int>, extent: Int, _ factor: Int, _ alignment: Alignment) {
    for index in indices {
      let source: Double
      switch alignment {
      case .cornerPixels:
        let last = factor * extent - 1
        source = last > 0 ? Double(index) * Double(extent - 1) / Double(last) : 0
      case .edges: source = max(0, (Double(index) + 0.5) / Double(factor) - 0.5)
      }
      let lower = min(Int(source), extent - 1)
      first.append(Int32(lower))
      second.append(Int32(min(lower + 1, extent - 1)))
      weight.append(Float(source - Double(lower)))
    }
  }
}
