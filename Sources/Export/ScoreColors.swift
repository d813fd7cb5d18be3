import Imaging

/// The colours of scores 0...1: matplotlib's viridis with its dark half lifted, so that a line of any score shows on a
/// photo. Nine anchors at equal steps of OKLCH lightness (0.56...0.93) and hue, linear in sRGB between them: brighter
/// is more certain, even to the colour-blind.
package enum ScoreColors {
  private static let anchors: [SIMD3<Double>] = [
    SIMD3(128, 84, 214), SIMD3(91, 116, 242), SIMD3(2, 149, 242), SIMD3(4, 175, 217), SIMD3(7, 196, 203),
    SIMD3(4, 217, 183), SIMD3(80, 236, 137), SIMD3(180, 239, 86), SIMD3(254, 237, 37),
  ]

  /// Scores outside 0...1 are clamped; NaN counts as 0.
  package static func color(_ score: Double) -> Color {
    let position = (score > 0 ? min(score, 1) : 0) * Double(anchors.count - 1)
    let lower = min(Int(position), anchors.count - 2)
    let share = position - Double(lower)
    let mixed = anchors[lower] + (anchors[lower + 1] - anchors[lower]) * share
    return Color(
      red: UInt8(mixed.x.rounded()), green: UInt8(mixed.y.rounded()), blue: UInt8(mixed.z.rounded()))
  }
}
