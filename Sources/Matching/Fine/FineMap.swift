// A fine map as the compact refinement reads it: pixel by pixel, in place.

import Tensor

struct FineMap {
  let elements: UnsafePointer<Float>
  let height, width, channels: Int

  /// The pixel, or the nearest one inside the map.
  func pixel(_ place: SIMD2<Int>) -> UnsafePointer<Float> {
    elements + (min(max(place.y, 0), height - 1) * width + min(max(place.x, 0), width - 1)) * channels
  }

  func contains(_ place: SIMD2<Int>) -> Bool {
    place.x >= 0 && place.y >= 0 && place.x < width && place.y < height
  }

  /// Copies `side` x `side` pixels from `corner` on, row-major; the map's edge is repeated beyond it.
  func copySquare(from corner: SIMD2<Int>, side: Int, to target: UnsafeMutablePointer<Float>) {
    let isWithinRows = corner.x >= 0 && corner.x + side <= width
    for y in 0..<side {
      let row = target + y * side * channels
      if isWithinRows {
        row.update(from: pixel(corner &+ SIMD2(0, y)), count: side * channels)
      } else {
        for x in 0..<side {
          (row + x * channels).update(from: pixel(corner &+ SIMD2(x, y)), count: channels)
        }
      }
    }
  }
}

/// Borrows two maps [height, width, channels]; does nothing if either is empty.
func withFineMaps(_ first: Tensor, _ second: Tensor, _ body: (FineMap, FineMap) -> Void) {
  func view(_ map: Tensor, _ elements: UnsafeBufferPointer<Float>) -> FineMap? {
    elements.baseAddress.map {
      FineMap(elements: $0, height: map.shape[0], width: map.shape[1], channels: map.shape[2])
    }
  }
  borrowElements(first, second) { elements0, elements1 in
    guard first.count > 0, second.count > 0, let map0 = view(first, elements0),
      let map1 = view(second, elements1)
    else { return }
    body(map0, map1)
  }
}
