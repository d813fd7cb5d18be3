// Rotary position encoding in two dimensions (Su et al. 2021; in matching: EfficientLoFTR, section 3.2): queries and
// keys are rotated by angles proportional to their position, so that their product depends on relative position.

import CKernels
import Glibc
import Tensor

/// Rotates the first half of each head's channels, a quarter by the column and a quarter by the row; wavelengths form a
/// geometric series.
package struct RotaryEncoding: Sendable {
  private let shortest: Double
  private let longest: Double

  /// Settings: `shortestWavelength` and `longestWavelength`, in tokens.
  package init(_ settings: Settings) throws {
    shortest = try settings.number("shortestWavelength", in: 1e-3...1e6)
    longest = try settings.number("longestWavelength", in: 1e-3...1e6)
  }

  /// tokens [height, width, channels] -> the same shape, each of `heads` heads rotated.
  package func callAsFunction(_ tokens: Tensor, heads: Int, on compute: Compute) -> Tensor {
    let (height, width, channels) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
    let headChannels = channels / heads
    let perAxis = headChannels / 8
    let frequencies = (0..<perAxis).map { index in
      2 * Double.pi / (shortest * pow(longest / shortest, Double(index) / Double(max(perAxis - 1, 1))))
    }
    let (columns, rows) = (angles(width, frequencies), angles(height, frequencies))
    let count = 2 * perAxis
    return Tensor(tokens.shape) { output in
      tokens.withElements { input in
        _ = output.update(fromContentsOf: input)
        guard let output = output.baseAddress else { return }
        compute.parallelFor(height, grain: 4) { piece in
          for y in piece {
            var (cosines, sines): ([Float], [Float]) = ([], [])
            for x in 0..<width {
              for (cosine, sine) in columns[x] + rows[y] {
                cosines.append(cosine)
                sines.append(sine)
              }
            }
            ck_rotate(output + y * width * channels, cosines, sines, width, heads, headChannels, count)
          }
        }
      }
    }
  }

  private func angles(_ extent: Int, _ frequencies: [Double]) -> [[(Float, Float)]] {
    (0..<extent).map { position in
      frequencies.map { (Float(cos(Double(position) * $0)), Float(sin(Double(position) * $0))) }
    }
  }
}
