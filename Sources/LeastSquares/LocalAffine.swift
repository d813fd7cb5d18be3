// How the second photo lies over the first around a match, told by the nearest matches: an iteratively re-weighted
// least-squares fit of q - x1 = A (p - x0) (Cauchy's weights), so that wrong neighbours count little.

import Geometry

/// The map around one match, and how far its neighbours agree about it.
struct LocalAffine: Equatable {
  /// From the first photo to the second, pixels; the fallback where the neighbours do not agree.
  var map: Map2
  /// Neighbours within reach, at most `LocalAffine.most`.
  var neighbours = 0
  /// Those that the fitted map carries to their partners within `tolerance`.
  var support = 0
  /// Whether `map` is the neighbours' own.
  var isFitted = false

  /// Neighbours that are asked.
  static let most = 16
  /// A fit needs so many that agree.
  static let leastSupport = 4
  /// Farthest neighbour, times the photo's pixels per network pixel.
  static let reach = 60.0
  /// Of a neighbour that agrees, times the second photo's pixels per network pixel.
  static let tolerance = 2.0
  /// Maps that stretch or shrink more are mistrusted.
  static let plausible = 0.2...5.0

  static func isPlausible(_ map: Map2) -> Bool {
    let (greatest, least) = map.singularValues
    return map.determinant > 0 && plausible.contains(greatest) && plausible.contains(least)
  }

  /// - Parameters:
  ///   - offsets: of the neighbours from the match, in the first photo and in the second.
  ///   - scale: the second photo's pixels per network pixel.
  ///   - fallback: the map where they do not agree.
  init(fitting offsets: [(first: SIMD2<Double>, second: SIMD2<Double>)], scale: Double, fallback: Map2) {
    map = fallback
    neighbours = offsets.count
    guard offsets.count >= 5 else { return }
    var fit = Map2.identity
    var weights = [Double](repeating: 1, count: offsets.count)
    for _ in 0..<6 {
      var (pxx, pxy, pyy) = (1e-3, 0.0, 1e-3)
      var (qx, qy) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
      for (offset, weight) in zip(offsets, weights) {
        let p = offset.first * weight
        pxx += p.x * offset.first.x
        pxy += p.x * offset.first.y
        pyy += p.y * offset.first.y
        qx += p * offset.second.x
        qy += p * offset.second.y
      }
      guard let inverse = Map2(pxx, pxy, pxy, pyy).inverse else { return }
      let (x, y) = (inverse * qx, inverse * qy)
      fit = Map2(x.x, x.y, y.x, y.y)
      support = 0
      for (index, offset) in offsets.enumerated() {
        let residual = (fit * offset.first - offset.second) / scale
        let squared = (residual * residual).sum()
        weights[index] = 1 / ((1 + squared) * (1 + squared))
        if squared < Self.tolerance * Self.tolerance { support += 1 }
      }
    }
    guard support >= Self.leastSupport, Self.isPlausible(fit) else { return }
    map = fit
    isFitted = true
  }
}
