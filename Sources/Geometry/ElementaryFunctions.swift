// The few functions of the C library that geometry needs, so that no other file depends on a platform's module.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// ln(1 + x), also precise for small x.
func logOnePlus(_ value: Double) -> Double { log1p(value) }

/// Sine and cosine of an angle in radians.
func sineAndCosine(_ angle: Double) -> (sine: Double, cosine: Double) { (sin(angle), cos(angle)) }

/// The angle in degrees, 0...180, of a cosine; values that rounding put outside -1...1 are clipped.
func degrees(ofCosine cosine: Double) -> Double { acos(min(1, max(-1, cosine))) * 180 / .pi }
