// Which matches are right by the ground truth, whatever an estimator makes of them.

import Geometry

/// How many matches are right.
package struct MatchPrecision: Equatable, Sendable {
  /// Matches that are right.
  package var correct: Int
  /// Matches of which the truth knows whether they are.
  package var known: Int

  /// Share of right matches, 0...1; nil without matches.
  package var share: Double? { known > 0 ? Double(correct) / Double(known) : nil }

  /// A match is right where the error, if the truth knows it, is below the bound.
  init(_ matches: Correspondences, below bound: Double, error: Error) {
    (correct, known) = (0, 0)
    for (point0, point1) in zip(matches.points0, matches.points1) {
      guard let value = error(point0, point1) else { continue }
      known += 1
      if value < bound { correct += 1 }
    }
  }

  /// The error of a match; nil where the truth does not know.
  typealias Error = (_ point0: SIMD2<Double>, _ point1: SIMD2<Double>) -> Double?

  /// The sum of the squared distances from both points to their epipolar lines, on the planes Z = 1: the field's
  /// measure, 5e-4 indoors and 1e-4 outdoors.
  package static func symmetricSquaredEpipolarError(
    _ truth: PoseTruth, _ point0: SIMD2<Double>, _ point1: SIMD2<Double>
  ) -> Double {
    let essential = Matrix3.cross(truth.translation) * truth.rotation
    let (y0, y1) = (truth.camera0.normalized(point0), truth.camera1.normalized(point1))
    // The geometry module takes the root of the mean of both squares.
    let distance = EpipolarError.symmetricDistance(essential, y0, y1)
    return 2 * distance * distance
  }
}
