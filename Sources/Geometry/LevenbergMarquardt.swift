// Levenberg-Marquardt minimisation of sums of robust squared errors: small dense problems in double precision.
// Marquardt's scaling of the damping by the diagonal, Nielsen's update rule (Madsen, Nielsen, Tingleff, Methods for
// Non-Linear Least Squares Problems, 2nd edition, 3.2). Robust losses enter as weights, and steps are accepted on the
// robust cost itself, so that it never rises.

/// The defaults iterate until rounding stops it, which takes 5 to 15 steps on the problems here.
package struct LevenbergMarquardt: Codable, Equatable, Sendable {
  /// Steps tried, accepted or not.
  package var maxIterations: Int
  /// Stops at a step this short, in units of the parameters (radians for a pose).
  package var stepTolerance: Double
  /// Stops at an accepted step that lowers the cost by less than this share.
  package var costTolerance: Double
  /// As a share of the normal matrix's diagonal.
  package var initialDamping: Double

  package init(
    maxIterations: Int = 50, stepTolerance: Double = 1e-12, costTolerance: Double = 1e-12,
    initialDamping: Double = 1e-4
  ) {
    precondition(
      maxIterations >= 0 && stepTolerance >= 0 && costTolerance >= 0, "limits must not be negative")
    precondition(initialDamping > 0, "the damping must be positive")
    self.maxIterations = maxIterations
    self.stepTolerance = stepTolerance
    self.costTolerance = costTolerance
    self.initialDamping = initialDamping
  }

  /// The lowest point reached from `start`, never worse than `start`.
  func minimize<Problem: LeastSquaresProblem>(
    _ problem: Problem, from start: Problem.State
  ) -> Minimum<Problem.State> {
    let startCost = problem.cost(at: start)
    var minimum = Minimum(
      state: start, startCost: startCost, cost: startCost, iterations: 0, converged: false)
    var equations = NormalEquations(problem, at: start)
    var damping = initialDamping
    var growth = 2.0
    while minimum.iterations < maxIterations && !minimum.converged {
      minimum.iterations += 1
      guard let step = equations.step(damping: damping) else {
        // Singular even with this damping: more of it helps, unless there is nothing to fit.
        damping *= growth
        growth *= 2
        if !damping.isFinite { break }
        continue
      }
      if step.length <= stepTolerance {
        minimum.converged = true
        break
      }
      let candidate = problem.moved(minimum.state, by: step.values)
      let cost = problem.cost(at: candidate)
      if cost < minimum.cost {
        let gain = (minimum.cost - cost) / step.predictedDecrease
        minimum.converged = minimum.cost - cost <= costTolerance * minimum.cost
        minimum.state = candidate
        minimum.cost = cost
        let distance = 2 * gain - 1
        damping = max(1e-12, damping * max(1 / 3, 1 - distance * distance * distance))
        growth = 2
        equations = NormalEquations(problem, at: candidate)
      } else {
        damping *= growth
        growth *= 2
        if !damping.isFinite { break }
      }
    }
    return minimum
  }
}

/// Where a minimisation ended; costs are robust.
struct Minimum<State> {
  var state: State
  let startCost: Double
  var cost: Double
  /// Steps tried.
  var iterations: Int
  /// Stopped by a tolerance, not by the limit.
  var converged: Bool
}

/// Blocks of residuals, one per match, that depend on few parameters: a step in the tangent space of a state, so that
/// rotations and directions need no constraint.
protocol LeastSquaresProblem {
  associatedtype State
  var parameterCount: Int { get }
  /// A block's cost is `loss` of its squared norm.
  var blockCount: Int { get }
  var residualsPerBlock: Int { get }
  var loss: RobustLoss { get }
  /// Scale of the loss, in units of the residuals.
  var scale: Double { get }
  /// Non-finite residuals: the block does not fit at all.
  func residuals(of block: Int, at state: State, into residuals: inout [Double])
  /// Derivatives at step 0, row-major, one row of `parameterCount` per residual.
  func jacobian(of block: Int, at state: State, into jacobian: inout [Double])
  func moved(_ state: State, by step: [Double]) -> State
}

extension LeastSquaresProblem {
  func cost(at state: State) -> Double {
    var residuals = [Double](repeating: 0, count: residualsPerBlock)
    var sum = 0.0
    for block in 0..<blockCount {
      self.residuals(of: block, at: state, into: &residuals)
      sum += loss.cost(squaredError: squaredNorm(residuals), scale: scale)
    }
    return sum
  }
}

private func squaredNorm(_ values: [Double]) -> Double {
  var sum = 0.0
  for value in values { sum += value * value }
  return sum
}

private struct NormalEquations {
  private let size: Int
  /// J' W J, row-major; only the lower triangle is filled.
  private var matrix: [Double]
  /// J' W r.
  private var gradient: [Double]

  init<Problem: LeastSquaresProblem>(_ problem: Problem, at state: Problem.State) {
    size = problem.parameterCount
    matrix = [Double](repeating: 0, count: size * size)
    gradient = [Double](repeating: 0, count: size)
    var residuals = [Double](repeating: 0, count: problem.residualsPerBlock)
    var jacobian = [Double](repeating: 0, count: problem.residualsPerBlock * size)
    for block in 0..<problem.blockCount {
      problem.residuals(of: block, at: state, into: &residuals)
      let weight = problem.loss.weight(squaredError: squaredNorm(residuals), scale: problem.scale)
      guard weight > 0 else { continue }
      problem.jacobian(of: block, at: state, into: &jacobian)
      for (index, residual) in residuals.enumerated() { add(jacobian, index * size, residual, weight) }
    }
  }

  private mutating func add(_ jacobian: [Double], _ start: Int, _ residual: Double, _ weight: Double) {
    for row in 0..<size {
      let weighted = weight * jacobian[start + row]
      gradient[row] += weighted * residual
      for column in 0...row { matrix[row * size + column] += weighted * jacobian[start + column] }
    }
  }

  /// `decrease` is the drop in cost predicted by the linear model.
  struct Step {
    let values: [Double]
    let length: Double
    let predictedDecrease: Double
  }

  /// Nil if the damped matrix is not positive definite.
  func step(damping: Double) -> Step? {
    var factor = matrix
    for index in 0..<size { factor[index * size + index] *= 1 + damping }
    guard let values = solvedByCholesky(&factor) else { return nil }
    var decrease = 0.0
    for index in 0..<size {
      // The cost is the sum of r^2, not half of it.
      let diagonal = matrix[index * size + index]
      decrease += values[index] * (damping * diagonal * values[index] - gradient[index])
    }
    return Step(values: values, length: squaredNorm(values).squareRoot(), predictedDecrease: decrease)
  }

  /// Solves factor x = -gradient; `factor` becomes its Cholesky factor.
  private func solvedByCholesky(_ factor: inout [Double]) -> [Double]? {
    var solution = gradient.map { -$0 }
    for row in 0..<size {
      for column in 0...row {
        var sum = factor[row * size + column]
        for index in 0..<column { sum -= factor[row * size + index] * factor[column * size + index] }
        if row == column {
          // Below the rounding of the sum itself, the direction is undetermined.
          guard sum > 1e-15 * matrix[row * size + row], sum.isFinite else { return nil }
          factor[row * size + row] = sum.squareRoot()
        } else {
          factor[row * size + column] = sum / factor[column * size + column]
        }
      }
    }
    for row in 0..<size {
      for index in 0..<row { solution[row] -= factor[row * size + index] * solution[index] }
      solution[row] /= factor[row * size + row]
    }
    for row in stride(from: size - 1, through: 0, by: -1) {
      for index in (row + 1)..<max(size, row + 1) {
        solution[row] -= factor[index * size + row] * solution[index]
      }
      solution[row] /= factor[row * size + row]
    }
    return solution.allSatisfy(\.isFinite) ? solution : nil
  }
}
