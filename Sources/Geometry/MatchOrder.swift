// The order in which an estimator sees the matches, and the way back for its inlier mask.
// PROSAC wants the best first. OpenCV's classic RANSAC and LMedS have a fixed seed, so ours acts by a shuffle:
// SplitMix64 (Steele, Lea, Flood 2014) and Fisher-Yates, the same on every platform.

struct MatchOrder {
  /// indices[i] is the original index of the i-th match seen.
  let indices: [Int]

  /// `scores` (higher is better) matter to PROSAC only.
  init(count: Int, options: RobustOptions, scores: [Float]?) {
    var indices = Array(0..<count)
    switch options.estimator {
    case .prosac:
      if let scores {
        // Ties (and NaN, last) keep their order: the result must not depend on the sorting algorithm.
        let keys = scores.map { $0.isNaN ? -Float.infinity : $0 }
        indices.sort { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
      }
    case .ransac, .lmeds:
      if options.seed != 0 {
        var generator = SplitMix64(state: options.seed)
        for last in stride(from: count - 1, to: 0, by: -1) {
          indices.swapAt(last, Int(generator.next() % UInt64(last + 1)))
        }
      }
    case .usacDefault, .usacFast, .usacAccurate, .magsac:
      break
    }
    self.indices = indices
  }

  /// x, y, x, y, ... of the points in this order.
  func interleaved(_ points: [SIMD2<Double>]) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(2 * points.count)
    for index in indices {
      values.append(points[index].x)
      values.append(points[index].y)
    }
    return values
  }

  /// The mask in the original order.
  func restored(_ mask: [UInt8]) -> [Bool] {
    var restored = [Bool](repeating: false, count: mask.count)
    for (place, index) in indices.enumerated() { restored[index] = mask[place] != 0 }
    return restored
  }
}

private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
