// Many errors in little memory: a histogram with steps of 1/1000 pixel, for medians over millions of matches.

/// Errors in pixels, counted.
package struct ErrorHistogram: Equatable, Sendable {
  private static let stepsPerPixel = 1000.0
  private static let lastStep = 20_000

  private var counts = [Int](repeating: 0, count: lastStep + 1)
  private var sum = 0.0
  package private(set) var count = 0

  /// No errors yet.
  package init() {}

  /// Counts an error; those that are not finite are left out.
  package mutating func add(_ error: Double) {
    guard error.isFinite else { return }
    counts[min(Int(abs(error) * Self.stepsPerPixel), Self.lastStep)] += 1
    sum += abs(error)
    count += 1
  }

  /// The mean; 0 without errors.
  package var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// The median to half a step, at most 20 pixels; 0 without errors.
  package var median: Double {
    var below = 0
    for (step, number) in counts.enumerated() {
      below += number
      if 2 * below >= count && count > 0 { return (Double(step) + 0.5) / Self.stepsPerPixel }
    }
    return 0
  }
}
