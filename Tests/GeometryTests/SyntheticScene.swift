// Matches with known truth: points seen by two cameras or through a homography, with noise and gross outliers.
// Random numbers come from a generator of our own, so that every run tests the same scenes.

import TestSupport

@testable import Geometry

/// Two pictures of 1000 x 800 pixels, their matches, and which of them are true.
struct SyntheticScene {
  var points0: [SIMD2<Double>] = []
  var points1: [SIMD2<Double>] = []
  var isTrue: [Bool] = []
  var scores: [Float] = []

  static let camera0 = Camera(fx: 900, fy: 920, cx: 500, cy: 400)
  static let camera1 = Camera(fx: 1400, fy: 1380, cx: 520, cy: 390)

  /// A turn of 0.15 rad about an oblique axis (Rodrigues' formula).
  static let rotation: Matrix3 = {
    let axis = SIMD3(0.2, 0.95, 0.1) / (0.04 + 0.9025 + 0.01).squareRoot()
    let (sine, cosine) = (0.149438, 0.988771)
    let cross = Matrix3.cross(axis)
    let square = cross * cross
    let rows = (0..<9).map { index in
      Matrix3.identity.rowMajor[index] + sine * cross.rowMajor[index] + (1 - cosine) * square.rowMajor[index]
    }
    return Matrix3(rowMajor: rows)
  }()

  static let translation: SIMD3<Double> = {
    let direction = SIMD3(-0.9, 0.1, 0.3)
    return direction / (direction * direction).sum().squareRoot()
  }()

  static let homography = Matrix3(SIMD3(1.1, 0.12, -40), SIMD3(-0.08, 0.95, 60), SIMD3(1.5e-4, -1e-4, 1))

  static var essential: Matrix3 { Matrix3.cross(translation) * rotation }

  static var fundamental: Matrix3 {
    let inverse0 = camera0.matrix.inverse ?? .identity
    let inverse1 = camera1.matrix.inverse ?? .identity
    return inverse1.transpose * essential * inverse0
  }

  private mutating func append(_ point0: SIMD2<Double>, _ point1: SIMD2<Double>, _ score: Double) {
    points0.append(point0)
    points1.append(point1)
    isTrue.append(true)
    scores.append(Float(score))
  }

  /// Replaces a share of the partners by random places and gives them lower scores on average.
  private mutating func spoil(share: Double, _ generator: inout SeededGenerator) {
    for index in points1.indices where generator.uniform(0...1) < share {
      points1[index] = SIMD2(generator.uniform(0...1000), generator.uniform(0...800))
      isTrue[index] = false
      scores[index] = Float(generator.uniform(0...0.7))
    }
  }

  /// Matches of a plane.
  static func plane(count: Int = 300, noise: Double = 0.3, outliers: Double = 0.4, seed: UInt64 = 1) -> Self {
    var generator = SeededGenerator(seed)
    var scene = Self()
    for _ in 0..<count {
      let point0 = SIMD2(generator.uniform(0...999), generator.uniform(0...799))
      let exact = Homography.apply(homography, to: point0) ?? point0
      let shift = SIMD2(generator.normal() * noise, generator.normal() * noise)
      scene.append(point0, exact + shift, generator.uniform(0.3...1))
    }
    scene.spoil(share: outliers, &generator)
    return scene
  }

  /// Matches of points in space, 4 to 12 baselines away.
  static func space(count: Int = 400, noise: Double = 0.3, outliers: Double = 0.4, seed: UInt64 = 1) -> Self {
    var generator = SeededGenerator(seed)
    var scene = Self()
    while scene.points0.count < count {
      let point0 = SIMD2(generator.uniform(0...999), generator.uniform(0...799))
      let depth = generator.uniform(4...12)
      let ray = camera0.normalized(point0)
      let moved = rotation * (depth * SIMD3(ray.x, ray.y, 1)) + translation
      let image = camera1.matrix * moved
      let point1 = SIMD2(image.x / image.z, image.y / image.z)
      guard moved.z > 0, abs(point1.x) < 2000, abs(point1.y) < 2000 else { continue }
      let shift = SIMD2(generator.normal() * noise, generator.normal() * noise)
      scene.append(point0, point1 + shift, generator.uniform(0.3...1))
    }
    scene.spoil(share: outliers, &generator)
    return scene
  }

  /// Share of the mask that is true, and share of the truth that is in the mask.
  func quality(of mask: [Bool]) -> (precision: Double, recall: Double) {
    let both = Double(zip(mask, isTrue).count { $0 && $1 })
    return (both / Double(mask.count { $0 }), both / Double(isTrue.count { $0 }))
  }
}

/// The angle between two directions, degrees.
func angle(_ left: SIMD3<Double>, _ right: SIMD3<Double>) -> Double {
  let cosine = dot(left, right) / (dot(left, left) * dot(right, right)).squareRoot()
  return acosDegrees(cosine)
}

/// The angle of the turn from one rotation to another, degrees.
func angle(_ left: Matrix3, _ right: Matrix3) -> Double {
  let turn = left.transpose * right
  return acosDegrees((turn[0, 0] + turn[1, 1] + turn[2, 2] - 1) / 2)
}
