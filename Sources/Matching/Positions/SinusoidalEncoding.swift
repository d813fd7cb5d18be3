// LoFTR's 2-D sinusoidal position encoding (Sun et al. 2021, section 3.2; reference: kornia's
// feature/loftr/utils/position_encoding.py).
//
// The published code divides in the wrong order, so that its frequencies are exp(-2k); weights trained with it need
// that. The corrected form (`temp_bug_fix` in the authors' code) has exp(-2k ln(10000) / (channels / 2)).

import Glibc
import Tensor

/// Channels 4k to 4k + 3 gain sin(x f), cos(x f), sin(y f), cos(y f), with f the k-th frequency and x, y
/// counted from 1. Setting: `corrected`.
package struct SinusoidalEncoding: PositionEncoding {
  private let channels: Int
  private let frequencies: [Float]

  /// The channels must be a multiple of 4.
  package init(_ settings: Settings, channels: Int) throws {
    guard channels % 4 == 0 else {
      throw SettingsError.outOfRange(
        path: "transformer.channels", value: Double(channels), allowed: "a multiple of 4")
    }
    self.init(channels: channels, corrected: try settings.flag("corrected"))
  }

  /// `channels` must be a multiple of 4; `corrected` is `temp_bug_fix`.
  package init(channels: Int, corrected: Bool) {
    let exponent =
      corrected ? -log(10_000) / Double(channels / 2) : (-log(10_000) / Double(channels) / 2).rounded(.down)
    self.channels = channels
    frequencies = (0..<channels / 4).map { Float(exp(Double(2 * $0) * exponent)) }
  }

  package func callAsFunction(_ map: Tensor, on compute: Compute) -> Tensor {
    let (height, width) = (map.shape[0], map.shape[1])
    let columns = waves(width)
    let rows = waves(height)
    return map.withElements { input in
      Tensor(map.shape) { output in
        compute.parallelFor(height, grain: 4) { piece in
          for y in piece {
            for x in 0..<width {
              let base = (y * width + x) * channels
              for k in 0..<channels / 4 {
                let (column, row) = (columns[x * (channels / 4) + k], rows[y * (channels / 4) + k])
                output[base + 4 * k] = input[base + 4 * k] + column.x
                output[base + 4 * k + 1] = input[base + 4 * k + 1] + column.y
                output[base + 4 * k + 2] = input[base + 4 * k + 2] + row.x
                output[base + 4 * k + 3] = input[base + 4 * k + 3] + row.y
              }
            }
          }
        }
      }
    }
  }

  /// (sine, cosine) for each position 1...extent and frequency.
  private func waves(_ extent: Int) -> [SIMD2<Float>] {
    (1...max(1, extent)).flatMap { position in
      frequencies.map { frequency in
        let angle = Float(position) * frequency
        return SIMD2(sinf(angle), cosf(angle))
      }
    }
  }
}
