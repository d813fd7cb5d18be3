// The side of the cameras a match lies on, from the depths at which its two rays are closest to each other.

/// How many of the matches in `mask` a pose puts in front of both cameras, and how many behind both. Rays are K^-1 x,
/// homogeneous.
func countSides(
  _ pose: RotationAndDirection, _ rays0: [SIMD3<Double>], _ rays1: [SIMD3<Double>], _ mask: [Bool]
) -> (inFront: Int, behind: Int) {
  var (inFront, behind) = (0, 0)
  for match in mask.indices where mask[match] {
    // Depths d0, d1 minimising |d0 R y0 + t - d1 y1|, times a determinant that is never negative.
    let (turned, ray1) = (pose.rotation * rays0[match], rays1[match])
    let (product, translation) = (dot(turned, ray1), pose.translation)
    let depth0 = product * dot(ray1, translation) - dot(ray1, ray1) * dot(turned, translation)
    let depth1 = dot(turned, turned) * dot(ray1, translation) - product * dot(turned, translation)
    if depth0 > 0 && depth1 > 0 { inFront += 1 }
    if depth0 < 0 && depth1 < 0 { behind += 1 }
  }
  return (inFront, behind)
}
