// The one function of the C library that these tests need.

import Glibc

func acosDegrees(_ cosine: Double) -> Double { acos(min(1, max(-1, cosine))) * 180 / .pi }
