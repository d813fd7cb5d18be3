// Refinement of poses and homographies: derivatives against differences, back to the truth, better than the
// estimator alone, and never worse by its own cost.

import Testing
import TestSupport

@testable import Geometry

/// The largest difference between analytic and central-difference derivatives, relative to the largest derivative.
private func derivativeError<Problem: LeastSquaresProblem>(
  _ problem: Problem, at state: Problem.State, step: Double = 1e-6
) -> Double {
  let (rows, columns) = (problem.residualsPerBlock, problem.parameterCount)
  var jacobian = [Double](repeating: .nan, count: rows * columns)
  var (above, below) = ([Double](repeating: .nan, count: rows), [Double](repeating: .nan, count: rows))
  var worst = 0.0
  for block in 0..<problem.blockCount {
    problem.jacobian(of: block, at: state, into: &jacobian)
    let largest = jacobian.reduce(0) { max($0, abs($1)) }
    for column in 0..<columns {
      var move = [Double](repeating: 0, count: columns)
      move[column] = step
      problem.residuals(of: block, at: problem.moved(state, by: move), into: &above)
      move[column] = -step
      problem.residuals(of: block, at: problem.moved(state, by: move), into: &below)
      for row in 0..<rows {
        let difference = (above[row] - below[row]) / (2 * step)
        let error = abs(jacobian[row * columns + column] - difference) / largest
        // NaN must not pass as small.
        worst = error <= worst ? worst : error
      }
    }
  }
  return worst
}

@Suite struct PoseRefinementTests {
  private func start(_ geometry: TwoViewGeometry) throws -> RotationAndDirection {
    let pose = try #require(geometry.estimate?.pose, "\(geometry)")
    return RotationAndDirection(rotation: pose.rotation, translation: pose.translation)
  }

  private func truth(_ problem: RandomPoseProblem) -> RotationAndDirection {
    RotationAndDirection(rotation: problem.rotation, translation: problem.translation)
  }

  /// A pose turned and tilted by a few degrees.
  private func perturbed(_ pose: RotationAndDirection, seed: UInt64) -> RotationAndDirection {
    var generator = SeededGenerator(seed)
    func small() -> SIMD3<Double> {
      SIMD3(
        generator.uniform(-0.03...0.03), generator.uniform(-0.03...0.03), generator.uniform(-0.03...0.03))
    }
    return RotationAndDirection(
      rotation: Matrix3.rotation(vector: small()) * pose.rotation, translation: pose.translation + small())
  }

  private func estimate(
    _ problem: RandomPoseProblem, _ estimator: Estimator, refine: Bool, threshold: Double = 1.5
  ) throws -> TwoViewGeometry {
    try EssentialMatrix.estimate(
      points0: problem.points0, points1: problem.points1, camera0: problem.camera0, camera1: problem.camera1,
      options: RobustOptions(estimator: estimator, threshold: threshold, refine: refine))
  }

  @Test(arguments: 0..<20) func derivativesAgreeWithDifferences(seed: UInt64) {
    let problem = RandomPoseProblem(seed: seed, count: 40, noise: 2, outliers: 0.2)
    let errors = SampsonProblem(
      points0: problem.points0, points1: problem.points1, camera0: problem.camera0, camera1: problem.camera1,
      loss: .squared, scale: 1)
    let worst = derivativeError(errors, at: perturbed(truth(problem), seed: seed))
    #expect(worst < 1e-6, "\(worst)")
    let weighted = SampsonProblem(
      points0: problem.points0, points1: problem.points1,
      covariances: problem.points0.map { PointCovariance(xx: 0.2 + $0.x * $0.x / 1e6, xy: 0.1, yy: 0.3) },
      camera0: problem.camera0, camera1: problem.camera1, loss: .squared, scale: 1)
    #expect(derivativeError(weighted, at: perturbed(truth(problem), seed: seed)) < 1e-6)
  }

  @Test func theErrorIsTheSampsonDistanceInPixels() {
    let problem = RandomPoseProblem(seed: 4, count: 30)
    let errors = SampsonProblem(
      points0: problem.points0, points1: problem.points1, camera0: problem.camera0, camera1: problem.camera1,
      loss: .squared, scale: 1)
    let fundamental =
      problem.camera1.inverse.transpose * truth(problem).essential * problem.camera0.inverse
    var residual = [0.0]
    for match in 0..<30 {
      errors.residuals(of: match, at: truth(problem), into: &residual)
      let distance = EpipolarError.sampson(fundamental, problem.points0[match], problem.points1[match])
      #expect(abs(abs(residual[0]) - distance) <= 1e-9 * max(1, distance))
    }
  }

  @Test(arguments: RobustLoss.allCases, 0..<10)
  func returnsToTheTruthWithoutNoise(loss: RobustLoss, seed: UInt64) {
    let problem = RandomPoseProblem(seed: seed, count: 100, noise: 0, outliers: 0)
    // The start is tens of pixels off, beyond which a truncated loss sees nothing.
    let result = PoseRefinement(threshold: loss == .truncated ? 100 : 1, loss: loss)(
      perturbed(truth(problem), seed: seed), points0: problem.points0, points1: problem.points1,
      camera0: problem.camera0, camera1: problem.camera1)
    #expect(angle(result.model.rotation, problem.rotation) < 1e-5)
    #expect(angle(result.model.translation, problem.translation) < 1e-5)
    #expect(result.cost < 1e-12 && result.startCost > 1)
    #expect(abs(result.model.rotation.determinant - 1) < 1e-12)
  }

  @Test(arguments: RobustLoss.allCases) func theCostNeverRises(loss: RobustLoss) {
    for seed in UInt64(0)..<40 {
      let problem = RandomPoseProblem(seed: seed, count: 60, noise: 1, outliers: 0.7)
      let begin = perturbed(truth(problem), seed: seed + 100)
      let refinement = PoseRefinement(threshold: 2, loss: loss)
      let result = refinement(
        begin, points0: problem.points0, points1: problem.points1, camera0: problem.camera0,
        camera1: problem.camera1)
      #expect(result.cost <= result.startCost)
      let again = refinement(
        result.model, points0: problem.points0, points1: problem.points1, camera0: problem.camera0,
        camera1: problem.camera1)
      #expect(again.startCost <= result.cost * (1 + 1e-9) && again.cost <= result.cost * (1 + 1e-9))
    }
  }

  @Test func noMatchesAreNoTrouble() {
    let problem = RandomPoseProblem(seed: 1, count: 5)
    let result = PoseRefinement()(
      truth(problem), points0: [], points1: [], camera0: problem.camera0, camera1: problem.camera1)
    #expect(result.model == truth(problem) && result.cost == 0)
  }

  @Test(arguments: [Estimator.magsac, .ransac, .usacDefault])
  func lowersTheMedianPoseError(estimator: Estimator) throws {
    var (plain, refined): ([Double], [Double]) = ([], [])
    for seed in UInt64(0)..<50 {
      let problem = RandomPoseProblem(seed: seed)
      plain.append(problem.error(try estimate(problem, estimator, refine: false)).degrees)
      refined.append(problem.error(try estimate(problem, estimator, refine: true)).degrees)
    }
    let (before, after) = (median(plain), median(refined))
    print("\(estimator.rawValue): median pose error \(before) unrefined, \(after) refined (degrees)")
    #expect(after < 0.9 * before)
    #expect(areaUnderCurve(refined, limit: 5) > areaUnderCurve(plain, limit: 5))
  }

  @Test func refinedEstimatesAreConsistent() throws {
    for seed in UInt64(0)..<10 {
      let problem = RandomPoseProblem(seed: seed)
      let found = try #require(try estimate(problem, .magsac, refine: true).estimate)
      let pose = try #require(found.pose)
      let composed = (Matrix3.cross(pose.translation) * pose.rotation).normalizedUpToScale
      #expect(zip(composed.rowMajor, found.matrix.rowMajor).allSatisfy { abs($0 - $1) < 1e-12 })
      let fundamental = problem.camera1.inverse.transpose * found.matrix * problem.camera0.inverse
      let mask = zip(problem.points0, problem.points1).map {
        EpipolarError.sampson(fundamental, $0, $1) <= 1.5
      }
      #expect(mask == found.inlierMask)
      // The pose error ignores the sign of t; what lies in front of the cameras does not.
      #expect(angle(pose.translation, problem.translation) < 5)
      #expect(pose.inFrontCount > found.inlierCount * 8 / 10 && pose.inFrontCount <= found.inlierCount)
      let before = try #require(try estimate(problem, .magsac, refine: false).estimate)
      let unrefined = problem.camera1.inverse.transpose * before.matrix * problem.camera0.inverse
      func cost(_ matrix: Matrix3) -> Double {
        zip(problem.points0, problem.points1).reduce(0) { sum, match in
          let error = EpipolarError.sampson(matrix, match.0, match.1)
          return sum + min(error * error, 2.25)
        }
      }
      #expect(cost(fundamental) <= cost(unrefined) * (1 + 1e-9))
    }
  }

  /// The sanity check of the evaluation, small: true matches with noise and outliers, and matches that mean nothing.
  @Test func goodMatchesScoreAndShuffledOnesDoNot() throws {
    var (good, shuffled): ([Double], [Double]) = ([], [])
    for seed in UInt64(0)..<25 {
      let problem = RandomPoseProblem(seed: seed)
      good.append(problem.error(try estimate(problem, .magsac, refine: true)).degrees)
      var generator = SeededGenerator(seed)
      let geometry = try EssentialMatrix.estimate(
        points0: problem.points0, points1: problem.points1.shuffled(using: &generator),
        camera0: problem.camera0, camera1: problem.camera1, options: RobustOptions(threshold: 1.5))
      shuffled.append(problem.error(geometry).degrees)
    }
    print("AUC@5: \(areaUnderCurve(good, limit: 5)) good, \(areaUnderCurve(shuffled, limit: 5)) shuffled")
    #expect(areaUnderCurve(good, limit: 5) > 90)
    #expect(areaUnderCurve(shuffled, limit: 5) < 5)
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// The exact area under the recall curve up to a limit, percent of the whole.
  private func areaUnderCurve(_ errors: [Double], limit: Double) -> Double {
    errors.reduce(0) { $0 + max(0, limit - $1) / limit } / Double(errors.count) * 100
  }
}

@Suite struct HomographyRefinementTests {
  private let truth = SyntheticScene.homography

  private func cornerError(_ matrix: Matrix3?) -> Double {
    CornerError.mean(matrix, truth: truth, width: 1000, height: 800)
  }

  /// H with every value off by up to a share of its effect on a picture of 1000 pixels.
  private func perturbed(seed: UInt64) -> Matrix3 {
    var generator = SeededGenerator(seed)
    let sizes = [0.01, 0.01, 8, 0.01, 0.01, 8, 1e-5, 1e-5, 0]
    return Matrix3(
      rowMajor: zip(truth.rowMajor, sizes).map { $0 + (generator.uniform(-1...1)) * $1 })
  }

  @Test(arguments: 0..<20) func derivativesAgreeWithDifferences(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let points = (0..<40).map { _ in
      (
        SIMD2(generator.normal(), generator.normal()),
        SIMD2(generator.normal(), generator.normal())
      )
    }
    let matrix = Matrix3(
      rowMajor: Matrix3.identity.rowMajor.enumerated().map { index, value in
        value + generator.uniform(-1...1) * (index == 8 ? 0 : index >= 6 ? 0.05 : 0.3)
      })
    let errors = TransferProblem(
      points0: points.map(\.0), points1: points.map(\.1), pixels: 200, loss: .squared, scale: 1)
    let worst = derivativeError(errors, at: try #require(TransferProblem.state(matrix)))
    #expect(worst < 1e-6, "\(worst)")
  }

  @Test(arguments: RobustLoss.allCases, 0..<10)
  func returnsToTheTruthWithoutNoise(loss: RobustLoss, seed: UInt64) throws {
    let scene = SyntheticScene.plane(count: 60, noise: 0, outliers: 0)
    let result = try #require(
      HomographyRefinement(threshold: 60, loss: loss)(
        perturbed(seed: seed), points0: scene.points0, points1: scene.points1))
    #expect(cornerError(perturbed(seed: seed)) > 1)
    #expect(cornerError(result.model) < 1e-6)
    #expect(result.model[2, 2] == 1)
  }

  /// For pictures of one scale, the cost is the symmetric transfer error in pixels, as `ReprojectionError` has it.
  @Test func theCostIsTheSymmetricTransferError() throws {
    let shift = Matrix3(SIMD3(1, 0, 30), SIMD3(0, 1, -20), SIMD3(0, 0, 1))
    var generator = SeededGenerator(5)
    let points0 = (0..<50).map { _ in SIMD2(generator.uniform(0...999), generator.uniform(0...799)) }
    // Differences that leave both centroids and extents alike.
    let points1 = points0.enumerated().map { $1 + SIMD2(30, -20) + ($0 % 2 == 0 ? 1 : -1) * SIMD2(0.5, 0.25) }
    let result = try #require(
      HomographyRefinement(threshold: 3, loss: .squared, limits: LevenbergMarquardt(maxIterations: 0))(
        shift, points0: points0, points1: points1))
    let sum = zip(points0, points1).reduce(0.0) { sum, match in
      let error = ReprojectionError.symmetric(shift, match.0, match.1)
      return sum + 2 * error * error
    }
    #expect(abs(result.startCost - sum) < 0.01 * sum, "\(result.startCost) and \(sum)")
    #expect(zip(result.model.rowMajor, shift.rowMajor).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func whatCannotBeRefinedIsNil() {
    let scene = SyntheticScene.plane(count: 60)
    let flat = Matrix3(SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 0))
    let refinement = HomographyRefinement(threshold: 1e6)
    #expect(refinement(flat, points0: scene.points0, points1: scene.points1) == nil)
    #expect(refinement(truth, points0: [], points1: []) == nil)
    let same = [SIMD2<Double>](repeating: SIMD2(5, 5), count: 9)
    #expect(refinement(.identity, points0: same, points1: same) == nil)
  }

  @Test func theCostNeverRises() throws {
    for seed in UInt64(0)..<40 {
      let scene = SyntheticScene.plane(count: 80, noise: 1, outliers: 0.6, seed: seed)
      for loss in RobustLoss.allCases {
        let result = HomographyRefinement(threshold: 8, loss: loss)(
          perturbed(seed: seed), points0: scene.points0, points1: scene.points1)
        if let result { #expect(result.cost <= result.startCost) }
      }
    }
  }

  /// Real matches: precise in the middle, with long tails. Pictures whose sizes differ by any factor.
  @Test(arguments: [Estimator.magsac, .ransac, .lmeds], [1.0, 4.0])
  func lowersTheMedianCornerErrorUnderLongTails(estimator: Estimator, size: Double) throws {
    let (before, after) = try medianCornerErrors(estimator, size) { seed in
      let precise = SyntheticScene.plane(count: 70, noise: 0.3, seed: seed)
      let tail = SyntheticScene.plane(count: 30, noise: 1.2, seed: seed + 1000)
      return (precise.points0 + tail.points0, precise.points1 + tail.points1)
    }
    #expect(after < before)
  }

  /// Under purely Gaussian noise, where least squares would be best, the soft loss costs little, and it still betters
  /// RANSAC, whose model fits a sample.
  @Test(arguments: [Estimator.magsac, .ransac, .lmeds], [1.0, 4.0])
  func costsLittleUnderGaussianNoise(estimator: Estimator, size: Double) throws {
    let (before, after) = try medianCornerErrors(estimator, size) { seed in
      let scene = SyntheticScene.plane(count: 100, noise: 0.7, seed: seed)
      return (scene.points0, scene.points1)
    }
    #expect(after < (estimator == .ransac ? before : 1.03 * before))
  }

  /// Medians over 50 scenes, pixels of the first picture: as estimated, and refined.
  private func medianCornerErrors(
    _ estimator: Estimator, _ size: Double, _ scene: (UInt64) -> ([SIMD2<Double>], [SIMD2<Double>])
  ) throws -> (Double, Double) {
    var (plain, refined): ([Double], [Double]) = ([], [])
    let scaling = Matrix3(SIMD3(size, 0, 0), SIMD3(0, size, 0), SIMD3(0, 0, 1))
    for seed in UInt64(1)...50 {
      let (points0, points1) = scene(seed)
      for refine in [false, true] {
        let geometry = try Homography.estimate(
          points0: points0, points1: points1.map { $0 * size },
          options: RobustOptions(estimator: estimator, threshold: 2.5 * size, refine: refine))
        let found = try #require(geometry.estimate)
        let error = CornerError.mean(found.matrix, truth: scaling * truth, width: 1000, height: 800) / size
        if refine { refined.append(error) } else { plain.append(error) }
      }
    }
    let (before, after) = (plain.sorted()[25], refined.sorted()[25])
    print("\(estimator.rawValue): median corner error \(before) unrefined, \(after) refined (px)")
    return (before, after)
  }
}
