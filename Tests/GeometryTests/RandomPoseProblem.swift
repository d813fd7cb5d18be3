// Pose problems with known truth, one a seed: random motion, points in space, noise in both pictures, gross outliers.

import TestSupport

@testable import Geometry

/// Matches of two pictures of 1000 x 800 pixels and the motion between their cameras.
struct RandomPoseProblem {
  let camera0 = SyntheticScene.camera0
  let camera1 = SyntheticScene.camera1
  let rotation: Matrix3
  let translation: SIMD3<Double>
  private(set) var points0: [SIMD2<Double>] = []
  private(set) var points1: [SIMD2<Double>] = []

  init(
    seed: UInt64, count: Int = 300, noise: Double = 0.5, outliers: Double = 0.5,
    depths: ClosedRange<Double> = 3...15
  ) {
    var generator = SeededGenerator(seed &* 0x2545_F491_4F6C_DD1D &+ 7)
    func direction() -> SIMD3<Double> {
      while true {
        let vector = SIMD3(
          generator.uniform(-1...1), generator.uniform(-1...1), generator.uniform(-1...1))
        let length = dot(vector, vector).squareRoot()
        if length > 0.1 && length <= 1 { return vector / length }
      }
    }
    let axis = direction()
    rotation = Matrix3.rotation(vector: generator.uniform(0.02...0.35) * axis)
    translation = direction()
    while points0.count < count {
      let point0 = SIMD2(generator.uniform(0...999), generator.uniform(0...799))
      let ray = camera0.normalized(point0).homogeneous
      let moved = rotation * (generator.uniform(depths) * ray) + translation
      let image = camera1.matrix * moved
      var point1 = SIMD2(image.x / image.z, image.y / image.z)
      guard moved.z > 0.5, abs(point1.x) < 2000, abs(point1.y) < 2000 else { continue }
      if generator.uniform(0...1) < outliers {
        point1 = SIMD2(generator.uniform(0...999), generator.uniform(0...799))
      }
      points0.append(point0 + SIMD2(generator.normal() * noise, generator.normal() * noise))
      points1.append(point1 + SIMD2(generator.normal() * noise, generator.normal() * noise))
    }
  }

  /// How far a pose is from the truth.
  func error(_ rotation: Matrix3, _ translation: SIMD3<Double>) -> PoseError {
    PoseError(
      rotation: rotation, translation: translation, trueRotation: self.rotation,
      trueTranslation: self.translation)
  }

  /// How far an estimate is from the truth.
  func error(_ geometry: TwoViewGeometry) -> PoseError {
    PoseError(of: geometry.estimate?.pose, trueRotation: rotation, trueTranslation: translation)
  }
}
