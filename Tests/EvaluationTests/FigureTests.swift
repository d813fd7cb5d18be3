// The field's figures against cases worked out by hand, and against numpy on random input
// (Fixtures/reference.json, written by training/evaluation/make_reference.py).

import Foundation
import Geometry
import Testing

@testable import Evaluation

/// Reference values of numpy.
struct Reference: Decodable {
  struct Curve: Decodable {
    let errors: [Double?]
    let thresholds: [Double]
    let auc: [Double]
  }
  struct Pose: Decodable {
    let camera0, camera1, rotation, translation, points0, points1, epipolar: [Double]
    let estimatedRotation, estimatedTranslation, error: [Double]

    var truth: PoseTruth {
      PoseTruth(
        camera0: camera(camera0), camera1: camera(camera1), rotation: Matrix3(rowMajor: rotation),
        translation: vector(translation))
    }

    func camera(_ values: [Double]) -> Camera {
      Camera(fx: values[0], fy: values[1], cx: values[2], cy: values[3])
    }
    func vector(_ values: [Double]) -> SIMD3<Double> { SIMD3(values[0], values[1], values[2]) }
  }
  struct Plane: Decodable {
    let truth, matrix: [Double]
    let width, height: Int
    let error: Double
  }

  let curves: [Curve]
  let poses: [Pose]
  let homographies: [Plane]

  static func load() throws -> Reference {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/reference.json"))
    return try JSONDecoder().decode(Reference.self, from: data)
  }
}

@Suite struct FigureTests {
  private func auc(_ errors: [Double], _ threshold: Double) -> Double {
    AreaUnderErrorCurve.values(errors: errors, thresholds: [threshold])[0]
  }

  @Test func areaByHand() {
    // One pair at 2 of 4: a triangle of 2 x 1 / 2 and a box of 2 x 1, over 4.
    #expect(auc([2], 4) == 0.75)
    // The curve holds its last recall up to the threshold: 1/2 x 1 / 2 + 3 x 1/2, over 4.
    #expect(auc([1, 100], 4) == (0.25 + 1.5) / 4)
    // Perfect pairs fill the box; the failed third one takes its share, and order does not matter.
    #expect(abs(auc([.infinity, 0, 0], 5) - 2.0 / 3) < 1e-15)
    // An error equal to the threshold lies beyond the cut, as numpy's searchsorted has it.
    #expect(auc([5], 5) == 0)
    #expect(auc([.infinity, .infinity], 5) == 0)
    #expect(auc([.nan], 5) == 0)
    #expect(auc([], 5) == 0)
  }

  @Test func areaAgainstNumpy() throws {
    for curve in try Reference.load().curves {
      let values = AreaUnderErrorCurve.values(
        errors: curve.errors.map { $0 ?? .infinity }, thresholds: curve.thresholds)
      for (value, expected) in zip(values, curve.auc) { #expect(abs(value - expected) < 1e-12) }
    }
  }

  @Test func epipolarErrorByHand() {
    // A camera that moved along x: epipolar lines are rows, and both distances are the difference of the rows.
    let camera = Camera(fx: 100, fy: 100, cx: 50, cy: 50)
    let truth = PoseTruth(camera0: camera, camera1: camera, rotation: .identity, translation: SIMD3(3, 0, 0))
    let error = MatchPrecision.symmetricSquaredEpipolarError(truth, SIMD2(10, 20), SIMD2(70, 22))
    #expect(abs(error - 2 * 0.02 * 0.02) < 1e-15)
    let right = MatchPrecision.symmetricSquaredEpipolarError(truth, SIMD2(10, 20), SIMD2(90, 20))
    #expect(right == 0)
  }

  @Test func poseFiguresAgainstNumpy() throws {
    for pose in try Reference.load().poses {
      for index in pose.epipolar.indices {
        let points = [pose.points0, pose.points1].map { SIMD2($0[2 * index], $0[2 * index + 1]) }
        let value = MatchPrecision.symmetricSquaredEpipolarError(pose.truth, points[0], points[1])
        #expect(abs(value / pose.epipolar[index] - 1) < 1e-9)
      }
      let error = PoseError(
        rotation: Matrix3(rowMajor: pose.estimatedRotation),
        translation: pose.vector(pose.estimatedTranslation),
        trueRotation: pose.truth.rotation, trueTranslation: pose.truth.translation)
      #expect(abs(error.rotation - pose.error[0]) < 1e-9)
      #expect(abs(error.translation - pose.error[1]) < 1e-9)
    }
  }

  @Test func cornerErrorAgainstNumpy() throws {
    for plane in try Reference.load().homographies {
      let error = CornerError.mean(
        Matrix3(rowMajor: plane.matrix), truth: Matrix3(rowMajor: plane.truth), width: plane.width,
        height: plane.height)
      #expect(abs(error - plane.error) < 1e-9)
    }
  }

  @Test func precisionCountsWhatTheTruthKnows() {
    let points = [SIMD2<Double>(0, 0), SIMD2(1, 0), SIMD2(2, 0), SIMD2(3, 0)]
    let matches = Correspondences(points0: points, points1: points, scores: [1, 1, 1, 1])
    let precision = MatchPrecision(matches, below: 1.5) { point, _ in point.x == 3 ? nil : point.x }
    #expect(precision.correct == 2 && precision.known == 3)
    #expect(precision.share == 2.0 / 3)
    #expect(MatchPrecision(Correspondences(), below: 1) { _, _ in 0 }.share == nil)
  }
}
