// Pose and corner errors against cases computed by hand.

import Foundation
import Testing

@testable import Geometry

@Suite struct PoseErrorTests {
  private let quarterTurn = Matrix3(SIMD3(0, -1, 0), SIMD3(1, 0, 0), SIMD3(0, 0, 1))

  private func turn(_ degrees: Double) -> Matrix3 {
    Matrix3.rotation(vector: SIMD3(0, degrees * .pi / 180, 0))
  }

  private func error(
    _ rotation: Matrix3, _ translation: SIMD3<Double>, _ trueTranslation: SIMD3<Double>,
    _ trueRotation: Matrix3 = .identity
  ) -> PoseError {
    PoseError(
      rotation: rotation, translation: translation, trueRotation: trueRotation,
      trueTranslation: trueTranslation)
  }

  @Test func anglesByHand() {
    let same = error(.identity, SIMD3(0, 0, 1), SIMD3(0, 0, 2.5))
    #expect(same.rotation == 0 && same.translation == 0 && same.degrees == 0)
    #expect(error(quarterTurn, SIMD3(1, 0, 0), SIMD3(1, 0, 0)).rotation == 90)
    // The sign of t does not count: 135 degrees are 45.
    let diagonal = error(.identity, SIMD3(1, 0, 0), SIMD3(-1, 1, 0))
    #expect(abs(diagonal.translation - 45) < 1e-12 && diagonal.degrees == diagonal.translation)
    #expect(error(.identity, SIMD3(1, 0, 0), SIMD3(-3, 0, 0)).translation == 0)
    #expect(abs(error(.identity, SIMD3(1, 0, 0), SIMD3(0, 0, 7)).translation - 90) < 1e-12)
    let half = Matrix3(SIMD3(-1, 0, 0), SIMD3(0, -1, 0), SIMD3(0, 0, 1))
    #expect(error(half, SIMD3(1, 0, 0), SIMD3(1, 0, 0)).rotation == 180)
  }

  @Test func theLargerAngleCounts() {
    let found = error(turn(12), SIMD3(1, 0, 0), SIMD3(1, tan(Double.pi / 6), 0), turn(2))
    #expect(abs(found.rotation - 10) < 1e-9 && abs(found.translation - 30) < 1e-9)
    #expect(found.degrees == found.translation)
    #expect(abs(error(turn(40), SIMD3(1, 0, 0), SIMD3(1, 0.1, 0)).degrees - 40) < 1e-9)
  }

  @Test func roundingIsClipped() {
    let stretched = (1 + 1e-15) * Matrix3.identity
    #expect(error(stretched, SIMD3(1, 0, 0), SIMD3(1, 0, 0)).rotation == 0)
  }

  @Test func noPoseIsInfinitelyFar() {
    #expect(PoseError.noPose.degrees == .infinity)
    #expect(PoseError(of: nil, trueRotation: .identity, trueTranslation: SIMD3(1, 0, 0)) == .noPose)
    #expect(error(Double.nan * Matrix3.identity, SIMD3(1, 0, 0), SIMD3(1, 0, 0)) == .noPose)
    #expect(error(.identity, SIMD3(.nan, 0, 0), SIMD3(1, 0, 0)) == .noPose)
    #expect(error(.identity, SIMD3(0, 0, 0), SIMD3(1, 0, 0)) == .noPose)
    // Without a true direction only the rotation counts.
    let still = error(quarterTurn, SIMD3(1, 0, 0), SIMD3(0, 0, 0))
    #expect(still.rotation == 90 && still.translation == 0)
  }

  @Test func cornerErrorsByHand() {
    let shift = Matrix3(SIMD3(1, 0, 3), SIMD3(0, 1, 4), SIMD3(0, 0, 1))
    #expect(CornerError.mean(shift, truth: .identity, width: 640, height: 480) == 5)
    #expect(CornerError.mean(2.0 * shift, truth: shift, width: 640, height: 480) == 0)
    // Doubling moves the corners of a 4 x 5 picture by 0, 3, 4 and 5 pixels.
    let double = Matrix3(SIMD3(2, 0, 0), SIMD3(0, 2, 0), SIMD3(0, 0, 1))
    #expect(CornerError.mean(double, truth: .identity, width: 4, height: 5) == 3)
    #expect(CornerError.mean(nil, truth: .identity, width: 4, height: 5) == .infinity)
    let far = Matrix3(SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(1, 0, 0))
    #expect(CornerError.mean(far, truth: .identity, width: 4, height: 5) == .infinity)
  }
}
