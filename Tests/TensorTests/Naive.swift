// Every layer once more, straight from its definition: plain loops in double precision, the twins that the fast
// ones are tested against. Maps are [height, width, channels], weights have PyTorch's layout.

import Glibc
import Tensor

enum Naive {
  /// PyTorch's conv2d: cross-correlation over a map surrounded by zeros.
  static func convolution(
    _ map: Tensor, weight: Tensor, bias: [Double]?, stride: Int, padding: Int
  ) -> (shape: [Int], values: [Double]) {
    let (height, width, inputs) = (map.shape[0], map.shape[1], map.shape[2])
    let (outputs, size) = (weight.shape[0], weight.shape[2])
    let (map, weight) = (map.doubles, weight.doubles)
    let outputHeight = (height + 2 * padding - size) / stride + 1
    let outputWidth = (width + 2 * padding - size) / stride + 1
    var values: [Double] = []
    for y in 0..<outputHeight {
      for x in 0..<outputWidth {
        for output in 0..<outputs {
          var sum = bias?[output] ?? 0
          for ky in 0..<size {
            for kx in 0..<size {
              let (sourceY, sourceX) = (y * stride + ky - padding, x * stride + kx - padding)
              guard 0..<height ~= sourceY, 0..<width ~= sourceX else { continue }
              for input in 0..<inputs {
                sum +=
                  map[(sourceY * width + sourceX) * inputs + input]
                  * weight[((output * inputs + input) * size + ky) * size + kx]
              }
            }
          }
          values.append(sum)
        }
      }
    }
    return ([outputHeight, outputWidth, outputs], values)
  }

  /// Batch norm in evaluation mode over rows of channels.
  static func batchNorm(_ values: [Double], _ norm: [String: Tensor], epsilon: Double = 1e-5) -> [Double] {
    let parts = ["weight", "bias", "running_mean", "running_var"].map { norm[$0]?.doubles ?? [] }
    let channels = parts[0].count
    return values.enumerated().map { index, value in
      let c = index % channels
      return (value - parts[2][c]) / sqrt(parts[3][c] + epsilon) * parts[0][c] + parts[1][c]
    }
  }

  static func activate(_ values: [Double], _ activation: Activation) -> [Double] {
    switch activation {
    case .none: values
    case .relu: values.map { max($0, 0) }
    case .leakyReLU: values.map { $0 < 0 ? 0.01 * $0 : $0 }
    }
  }

  /// x W^T + b over rows.
  static func linear(_ rows: [[Double]], weight: Tensor, bias: [Double]?) -> [Double] {
    let (outputs, inputs, weight) = (weight.shape[0], weight.shape[1], weight.doubles)
    return rows.flatMap { row in
      (0..<outputs).map { output in
        (0..<inputs).reduce(bias?[output] ?? 0) { $0 + row[$1] * weight[output * inputs + $1] }
      }
    }
  }

  static func layerNorm(_ row: [Double], scale: [Double], shift: [Double], epsilon: Double = 1e-5) -> [Double]
  {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
    return row.indices.map { (row[$0] - mean) / sqrt(variance + epsilon) * scale[$0] + shift[$0] }
  }

  static func softmax(_ row: [Double], factor: Double = 1) -> [Double] {
    let largest = row.map { $0 * factor }.max() ?? 0
    let exponentials = row.map { exp($0 * factor - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  /// Bilinear samples at the positions that the alignment puts the output pixels at.
  static func upsampling(_ map: Tensor, factor: Int, _ alignment: Alignment, height: Int, width: Int)
    -> [Double]
  {
    let (mapHeight, mapWidth, channels) = (map.shape[0], map.shape[1], map.shape[2])
    let values = map.doubles
    func position(_ index: Int, _ extent: Int) -> Double {
      switch alignment {
      case .cornerPixels:
        extent == 1 ? 0 : Double(index) * Double(extent - 1) / Double(factor * extent - 1)
      case .edges: min(max((Double(index) + 0.5) / Double(factor) - 0.5, 0), Double(extent - 1))
      }
    }
    var output: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        let (sourceY, sourceX) = (position(y, mapHeight), position(x, mapWidth))
        for channel in 0..<channels {
          // The weight of a pixel falls linearly to zero at a distance of one.
          var sum = 0.0
          for pixelY in 0..<mapHeight {
            for pixelX in 0..<mapWidth {
              let weight =
                max(0, 1 - abs(sourceY - Double(pixelY))) * max(0, 1 - abs(sourceX - Double(pixelX)))
              sum += weight * values[(pixelY * mapWidth + pixelX) * channels + channel]
            }
          }
          output.append(sum)
        }
      }
    }
    return output
  }

  /// Folds each non-overlapping window of each channel; pixels beyond the last whole window are dropped.
  static func windows(_ map: Tensor, size: Int, _ fold: (_ window: [Double], _ channel: Int) -> Double)
    -> [Double]
  {
    let (height, width, channels, values) = (map.shape[0], map.shape[1], map.shape[2], map.doubles)
    var output: [Double] = []
    for y in 0..<height / size {
      for x in 0..<width / size {
        for channel in 0..<channels {
          let window = (0..<size * size).map { tap in
            values[((y * size + tap / size) * width + x * size + tap % size) * channels + channel]
          }
          output.append(fold(window, channel))
        }
      }
    }
    return output
  }
}

extension Tensor {
  /// The elements in double precision.
  var doubles: [Double] { values.map(Double.init) }

  /// The rows of the last extent in double precision.
  var rows: [[Double]] {
    let (width, values) = (shape.last ?? 1, doubles)
    return stride(from: 0, to: values.count, by: max(width, 1)).map { Array(values[$0..<$0 + width]) }
  }
}
