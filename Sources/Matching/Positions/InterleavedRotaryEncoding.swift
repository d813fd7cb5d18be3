// EfficientLoFTR's rotary encoding (Wang et al. 2024, section 3.2; reference: the authors'
// src/loftr/utils/position_encoding.py): adjacent channels form pairs, rotated alternately by the row and the column.
// Frequencies fall over all channels of a token, not of a head, from 1 to about 1 / base.
//
// Positions count from 1. For images larger than in training the authors scale them down ("npe"), so that angles stay
// in the range the weights know; their tables are rounded to half precision, ours are not (angles agree to 5e-4).

import Glibc
import Tensor

/// Channels 4k, 4k + 1 rotate by y f, channels 4k + 2, 4k + 3 by x f, with f = base^(-k / (channels / 4)).
/// Settings: `base`; `trainingTokens` (optional): tokens along the longer side in training; positions on a longer side
/// are scaled down by its ratio to this.
package struct InterleavedRotaryEncoding: TokenRotation {
  private let base: Double
  private let trainingTokens: Int?

  package init(_ settings: Settings) throws {
    base = try settings.number("base", in: 1...1e9)
    trainingTokens =
      settings.values["trainingTokens"] == nil ? nil : try settings.integer("trainingTokens")
  }

  /// The channels must be a multiple of 4; heads do not matter.
  package func callAsFunction(_ tokens: Tensor, heads: Int, on compute: Compute) -> Tensor {
    let (height, width, channels) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
    let count = channels / 4
    let longer = max(height, width)
    let shrink = trainingTokens.map { Double($0) / Double(max($0, longer)) } ?? 1
    let turns = (1...max(longer, 1)).map { place in
      (0..<count).map { k in
        let angle = Double(place) * shrink * pow(base, -Double(k) / Double(count))
        return SIMD2(Float(cos(angle)), Float(sin(angle)))
      }
    }
    return Tensor(tokens.shape) { output in
      borrowElements(tokens) { input in
        guard let input, let output = output.baseAddress else { return }
        compute.parallelFor(height * width, grain: 64) { piece in
          for token in piece {
            let (row, column) = (turns[token / width], turns[token % width])
            for k in 0..<count {
              let place = token * channels + 4 * k
              turn(input + place, by: row[k], output + place)
              turn(input + place + 2, by: column[k], output + place + 2)
            }
          }
        }
      }
    }
  }
}

/// (x, y) -> (x cos - y sin, y cos + x sin).
private func turn(
  _ pair: UnsafePointer<Float>, by angle: SIMD2<Float>, _ result: UnsafeMutablePointer<Float>
) {
  result[0] = pair[0] * angle.x - pair[1] * angle.y
  result[1] = pair[1] * angle.x + pair[0] * angle.y
}
