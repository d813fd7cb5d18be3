// Windows of the fine maps, for refinements that process them as tensors.

import Backbone
import CKernels
import Tensor

/// Features around both ends of some matches, [matches, pixels, channels].
package struct FineWindows: Sendable {
  package let first: Tensor
  package let second: Tensor

  package var count: Int { first.shape[0] }

  /// Under `StageTrace`'s names.
  func named(_ name: String) -> [String: Tensor] { ["\(name).0": first, "\(name).1": second] }
}

/// A refinement that cuts out windows first, for a batch of matches at a time.
package protocol WindowedFineMatcher: FineMatcher {
  func windows(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineWindows

  func refinements(in windows: FineWindows, on compute: Compute) -> FineRefinements
}

/// Windows refined at once; bounds their memory.
private let windowsAtOnce = 512

extension WindowedFineMatcher {
  package func refinements(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> FineRefinements {
    var result = FineRefinements(count: 0)
    for start in stride(from: 0, to: matches.count, by: windowsAtOnce) {
      let some = matches[start..<min(matches.count, start + windowsAtOnce)]
      let refinements = refinements(in: windows(of: some, first, second, on: compute), on: compute)
      result.first += refinements.first
      result.second += refinements.second
    }
    return result
  }

  package func trace(
    of matches: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures, on compute: Compute
  ) -> [String: Tensor] {
    windows(of: matches, first, second, on: compute).named("fine_windows_before")
  }
}

/// A square of fine pixels at a fixed offset from a coarse cell.
struct WindowShape: Sendable {
  /// Fine pixels per coarse cell, each way.
  let stride: Int
  /// The window's first fine pixel, relative to stride * cell.
  let start: Int
  /// Side in fine pixels.
  let side: Int

  /// The windows around `cells` (row-major indices into a grid of `columns` columns), [cells, side * side, channels].
  /// Pixels beyond the map are 0.
  func cut(_ map: Tensor, cells: [Int], columns: Int, on compute: Compute) -> Tensor {
    let (height, width, channels) = (map.shape[0], map.shape[1], map.shape[2])
    let extent = side * side * channels
    return Tensor([cells.count, side * side, channels]) { windows in
      borrowElements(map) { map in
        guard let map, let windows = windows.baseAddress else { return }
        compute.parallelFor(cells.count, grain: 32) { piece in
          for index in piece {
            let cell = cells[index]
            ck_copy_block(
              map, height, width, channels, cell / columns * stride + start,
              cell % columns * stride + start, side, side, windows + index * extent)
          }
        }
      }
    }
  }
}
