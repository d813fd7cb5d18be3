// Robust losses: how much a match's squared error counts in a sum that outliers must not dominate.
// They equal the squared error near 0; weights are derivatives by the squared error (iteratively reweighted least
// squares; Huber and Ronchetti, Robust Statistics, 2nd edition, chapter 7).

/// Raw values are the names in records.
package enum RobustLoss: String, CaseIterable, Codable, Sendable {
  case squared
  /// min(e^2, c^2), as in MSAC: outliers cost a constant.
  case truncated
  /// c^2 ln(1 + e^2 / c^2): outliers count ever less, but never nothing.
  case cauchy

  /// `scale` is c, in units of the errors. A non-finite error counts as a million times the scale.
  package func cost(squaredError: Double, scale: Double) -> Double {
    let squaredScale = scale * scale
    let error = squaredError.isFinite ? squaredError : 1e12 * squaredScale
    return switch self {
    case .squared: error
    case .truncated: min(error, squaredScale)
    case .cauchy: squaredScale * logOnePlus(error / squaredScale)
    }
  }

  /// The derivative of `cost` by the squared error, in 0...1.
  package func weight(squaredError: Double, scale: Double) -> Double {
    guard squaredError.isFinite else { return 0 }
    return switch self {
    case .squared: 1
    case .truncated: squaredError < scale * scale ? 1 : 0
    case .cauchy: 1 / (1 + squaredError / (scale * scale))
    }
  }
}
