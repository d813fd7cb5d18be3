// Fine matching: around each coarse match, windows of the fine maps give the sub-pixel position in the second
// image. A new refinement is one file that conforms to `FineMatcher` and one line in `fineMatchers`.

import Backbone
import Tensor

/// The refinements that a model file may name under `fineMatching.kind`.
public let fineMatchers: [String: any FineMatcher.Type] = [
  "expectation": ExpectationMatcher.self,
  "pixel-then-heat-map": PixelThenHeatMapMatcher.self,
  "two-step": TwoStepMatcher.self,
]

/// What the fine stage sees of one image.
public struct FineFeatures: Sendable {
  /// [height, width, channels] at 1/2.
  public let map: Tensor
  /// The coarse features after attention.
  public let coarse: CoarseFeatures

  /// - Parameters:
  ///   - map: [height, width, channels] at 1/2.
  ///   - coarse: the coarse features after attention.
  public init(map: Tensor, coarse: CoarseFeatures) {
    self.map = map
    self.coarse = coarse
  }
}

/// Features around the two ends of some matches.
public struct FineWindows: Sendable {
  /// [matches, pixels, channels] in the first image.
  public let first: Tensor
  /// [matches, pixels, channels] in the second image.
  public let second: Tensor
  /// For each match and pixel of the second image's window, whether it lies on the map.
  public let secondInside: [Bool]

  /// Number of matches.
  public var count: Int { first.shape[0] }
}

/// A refinement of coarse matches.
public protocol FineMatcher: Sendable {
  /// - Parameters:
  ///   - settings: the group `fineMatching` of the model's settings.
  ///   - backbone: the network whose maps are refined on.
  ///   - parameters: the scope `fine_matching` of the model's tensors.
  init(_ settings: Settings, backbone: any Backbone, from parameters: Parameters) throws

  /// Cuts the windows of these matches out of both images.
  func windows(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineWindows

  /// For each match the second point relative to the centre of its coarse cell, in pixels of the image that the
  /// network saw.
  func offsets(in windows: FineWindows, on compute: Compute) -> [SIMD2<Float>]

  /// The same for refinements that move the first point too; unless stated otherwise, it stays.
  func refinements(in windows: FineWindows, on compute: Compute) -> FineRefinements
}

/// Both points of some matches relative to the centres of their coarse cells, in pixels.
public struct FineRefinements: Sendable, Equatable {
  /// In the first image.
  public var first: [SIMD2<Float>]
  /// In the second image.
  public var second: [SIMD2<Float>]
}

extension FineMatcher {
  /// See the protocol: the first points stay.
  public func refinements(in windows: FineWindows, on compute: Compute) -> FineRefinements {
    let second = offsets(in: windows, on: compute)
    return FineRefinements(first: [SIMD2<Float>](repeating: .zero, count: second.count), second: second)
  }
}

/// A square of fine pixels at a fixed place relative to a coarse cell.
struct WindowShape: Sendable {
  /// Fine pixels a coarse cell, each way.
  let stride: Int
  /// Fine pixel of the window's first corner, relative to stride * cell.
  let start: Int
  /// Fine pixels a side.
  let side: Int

  /// The windows around `cells` (row-major indices of a grid with `columns` columns): [cells, side * side,
  /// channels], and which pixels lie on the map. Pixels beyond it repeat the edge, or are 0 where `zeros`.
  func cut(_ map: Tensor, cells: [Int], columns: Int, zeros: Bool) -> (features: Tensor, inside: [Bool]) {
    let (height, width, channels) = (map.shape[0], map.shape[1], map.shape[2])
    var inside = [Bool](repeating: true, count: cells.count * side * side)
    let features = map.withElements { source in
      Tensor([cells.count, side * side, channels]) { target in
        var (element, pixel) = (0, 0)
        for cell in cells {
          let (top, left) = (cell / columns * stride + start, cell % columns * stride + start)
          for y in top..<top + side {
            for x in left..<left + side {
              let onMap = y >= 0 && y < height && x >= 0 && x < width
              let base = (min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)) * channels
              for channel in 0..<channels {
                target[element + channel] = onMap || !zeros ? source[base + channel] : 0
              }
              inside[pixel] = onMap
              element += channels
              pixel += 1
            }
          }
        }
      }
    }
    return (features, inside)
  }
}
