// The memory a pair needs, checked before work starts: a clear refusal beats being killed half-way.

import Files
import Glibc
import Matching

/// Peak memory of matching as a function of the network's input pixels. Checked against peaks measured from 320x240 to
/// 3840x2160 (default model) and from 640x480 to 1600x1200 (LoFTR); overestimates: for the default model by two thirds
/// at 1600x1200 and by a third at 3840x2160, for LoFTR by a quarter at most.
struct MemoryEstimate {
  /// Per pixel of either image, at the peak.
  let bytesPerPixel: Double
  /// Per pair: libraries, weights, tiles of maps, the threads' scratch.
  private static let fixedBytes = 300e6

  /// At the peak, both images have laterals and fine maps, and tokens have queries, keys, values and messages.
  init(_ matcher: Matcher) {
    var values = Double(matcher.backbone.fineChannels) / 4 + 7 * Double(matcher.backbone.coarseChannels) / 64
    for (level, channels) in matcher.backbone.lateralChannels.enumerated() {
      values += Double(channels) / pow(4, Double(level + 1))
    }
    bytesPerPixel = values * Double(MemoryLayout<Float>.stride)
  }

  func bytes(_ sizes: [(width: Int, height: Int)]) -> Double {
    sizes.map(Self.pixels).reduce(0, +) * bytesPerPixel + Self.fixedBytes
  }

  /// Throws if these sizes need more than `available` bytes.
  func check(_ sizes: [(width: Int, height: Int)], available: Double = Double(Machine.availableBytes)) throws
  {
    let needed = bytes(sizes)
    guard needed > available else { return }
    let largest = sizes.max { Self.pixels($0) < Self.pixels($1) } ?? (0, 0)
    throw PipelineError.notEnoughMemory(
      width: largest.width, height: largest.height, neededMegabytes: Self.whole(needed / 1e6),
      availableMegabytes: Self.whole(available / 1e6), fitting: fittingSide(sizes, available))
  }

  /// The longest side, a multiple of 16 pixels, at which images of these proportions fit, with some margin.
  private func fittingSide(_ sizes: [(width: Int, height: Int)], _ available: Double) -> Int {
    func bytes(_ side: Double) -> Double {
      let pixels = sizes.map { size in
        let scale = min(1, side / Double(max(size.width, size.height, 1)))
        return Self.pixels(size) * scale * scale
      }
      return pixels.reduce(0, +) * bytesPerPixel + Self.fixedBytes
    }
    var (low, high) = (16.0, sizes.map { Double(max($0.width, $0.height)) }.max() ?? 16)
    while high - low >= 1 {
      let middle = ((low + high) / 2).rounded(.down)
      guard middle > low, middle < high else { break }
      if bytes(middle) <= 0.98 * available { low = middle } else { high = middle }
    }
    return Self.whole(low) / 16 * 16
  }

  // In floating point, which no size overflows.
  private static func pixels(_ size: (width: Int, height: Int)) -> Double {
    Double(size.width) * Double(size.height)
  }

  private static func whole(_ value: Double) -> Int { Int(min(max(value, 0), 1e15)) }
}

/// Errors of the pipeline; each description is one line.
package enum PipelineError: ReportedError, Equatable, Sendable {
  case notEnoughMemory(width: Int, height: Int, neededMegabytes: Int, availableMegabytes: Int, fitting: Int)

  package var description: String {
    switch self {
    case .notEnoughMemory(let width, let height, let needed, let available, let fitting):
      "matching at up to \(width)x\(height) pixels needs about \(needed) MB of memory and \(available) MB are "
        + "free; --max-size \(fitting) would fit"
    }
  }

  package var exitStatus: ExitStatus { .notEnoughMemory }
}
