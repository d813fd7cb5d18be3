// Medians over millions of errors in little memory: a histogram with bins of 1/1000 pixel.

/// Errors in pixels.
package struct ErrorHistogram: Equatable, Sendable {
  private static let stepsPerPixel = 1000.0
  private static let lastStep = 20_000

  private var counts = [Int](repeating: 0, count: lastStep + 1)
  private var sum = 0.0
  package private(set) var count = 0

  package init() {}

  /// Ignores errors that are not finite.
  package mutating func add(_ error: Double) {
    guard error.isFinite else { return }
    counts[min(Int(abs(error) * Self.stepsPerPixel), Self.lastStep)] += 1
    sum += abs(error)
    count += 1
  }

  /// 0 without errors.
  package var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// Accurate to half a bin, at most 20 pixels; 0 without errors.
  package var median: Double {
    var below = 0
    for (step, number) in counts.enumerated() {
      below += number
      if 2 * below >= count && count > 0 { return (Double(step) + 0.5) / Self.stepsPerPixel }
    }
    return 0
  }
}
