// The C library functions geometry needs, so that no other file imports a platform's module.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// ln(1 + x), also accurate for small x.
func logOnePlus(_ value: Double) -> Double { log1p(value) }

/// `angle` in radians.
func sineAndCosine(_ angle: Double) -> (sine: Double, cosine: Double) { (sin(angle), cos(angle)) }

/// Degrees, 0...180; cosines that rounding put outside -1...1 are clamped.
func degrees(ofCosine cosine: Double) -> Double { acos(min(1, max(-1, cosine))) * 180 / .pi }
