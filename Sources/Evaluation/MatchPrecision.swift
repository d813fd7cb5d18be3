import Geometry

/// How many matches agree with the ground truth, whatever an estimator makes of them.
package struct MatchPrecision: Equatable, Sendable {
  package var correct: Int
  /// Matches whose error is known.
  package var known: Int

  /// Share of correct matches, 0...1; nil without known matches.
  package var share: Double? { known > 0 ? Double(correct) / Double(known) : nil }

  /// Matches with a known error below `bound` are correct.
  init(_ matches: Correspondences, below bound: Double, error: Error) {
    (correct, known) = (0, 0)
    for (point0, point1) in zip(matches.points0, matches.points1) {
      guard let value = error(point0, point1) else { continue }
      known += 1
      if value < bound { correct += 1 }
    }
  }

  /// The error of a match; nil if unknown.
  typealias Error = (_ point0: SIMD2<Double>, _ point1: SIMD2<Double>) -> Double?

  /// Sum of the squared distances of both points to their epipolar lines, on the planes Z = 1. The field's bounds are
  /// 5e-4 indoors and 1e-4 outdoors.
  package static func symmetricSquaredEpipolarError(
    _ truth: PoseTruth, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> Double {
    let essential = Matrix3.cross(truth.translation) * truth.rotation
    let (y0, y1) = (truth.camera0.normalized(point0), truth.camera1.normalized(point1))
    // `symmetricDistance` is the root mean square of both distances.
    let distance = EpipolarError.symmetricDistance(essential, y0, y1)
    return 2 * distance * distance
  }
}
