// Random numbers for tests: the same sequence for the same seed in every run and on every platform.

/// The generator SplitMix64 (Steele, Lea and Flood 2014): a counter and a mixing function.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts at a seed.
  public init(_ seed: some BinaryInteger) { state = UInt64(truncatingIfNeeded: seed) }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number of the range, each as likely.
  public mutating func uniform(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &self) }

  /// Near enough to a normal distribution of mean 0 and deviation 1: the sum of twelve uniform numbers.
  public mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform(0...1) } }
}
