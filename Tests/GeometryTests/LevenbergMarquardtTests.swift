// The minimiser on problems with known minima, and losses against their definitions.

import Foundation
import Testing
import TestSupport

@testable import Geometry

/// Rosenbrock's valley: residuals 10 (y - x^2) and 1 - x, minimum 0 at (1, 1).
private struct Valley: LeastSquaresProblem {
  let parameterCount = 2
  let blockCount = 1
  let residualsPerBlock = 2
  let loss = RobustLoss.squared
  let scale = 1.0

  func residuals(of block: Int, at state: SIMD2<Double>, into residuals: inout [Double]) {
    residuals = [10 * (state.y - state.x * state.x), 1 - state.x]
  }
  func jacobian(of block: Int, at state: SIMD2<Double>, into jacobian: inout [Double]) {
    jacobian = [-20 * state.x, 10, -1, 0]
  }
  func moved(_ state: SIMD2<Double>, by step: [Double]) -> SIMD2<Double> { state + SIMD2(step[0], step[1]) }
}

/// A line y = a + b x through samples, some of them gross outliers; `spare` adds a parameter without effect.
private struct LineFit: LeastSquaresProblem {
  let samples: [SIMD2<Double>]
  let loss: RobustLoss
  var spare = 0
  let scale = 0.5
  var parameterCount: Int { 2 + spare }
  var blockCount: Int { samples.count }
  let residualsPerBlock = 1

  func residuals(of block: Int, at state: [Double], into residuals: inout [Double]) {
    residuals[0] = state[0] + state[1] * samples[block].x - samples[block].y
  }
  func jacobian(of block: Int, at state: [Double], into jacobian: inout [Double]) {
    jacobian = [1, samples[block].x] + [Double](repeating: 0, count: spare)
  }
  func moved(_ state: [Double], by step: [Double]) -> [Double] { zip(state, step).map { $0 + $1 } }
}

@Suite struct LevenbergMarquardtTests {
  @Test func findsTheEndOfACurvedValley() {
    let minimum = LevenbergMarquardt().minimize(Valley(), from: SIMD2(-1.2, 1))
    #expect(minimum.startCost == 24.2 || abs(minimum.startCost - 24.2) < 1e-12)
    #expect(abs(minimum.state.x - 1) < 1e-9 && abs(minimum.state.y - 1) < 1e-9)
    #expect(minimum.cost < 1e-18 && minimum.converged && minimum.iterations < 50)
  }

  @Test func solvesALinearProblemInAStep() {
    let samples = [SIMD2(0.0, 1.0), SIMD2(1, 3), SIMD2(2, 2), SIMD2(3, 5)]
    let minimum = LevenbergMarquardt(initialDamping: 1e-12).minimize(
      LineFit(samples: samples, loss: .squared), from: [10, -7])
    // Normal equations by hand: 4 a + 6 b = 11, 6 a + 14 b = 22.
    #expect(abs(minimum.state[0] - 1.1) < 1e-9 && abs(minimum.state[1] - 1.1) < 1e-9)
    #expect(abs(minimum.cost - 2.7) < 1e-9)
    #expect(minimum.iterations <= 4)
  }

  @Test(arguments: [RobustLoss.truncated, .cauchy])
  func robustLossesIgnoreOutliers(loss: RobustLoss) {
    var samples = stride(from: 0.0, to: 2.0, by: 0.1).map { SIMD2<Double>($0, 0.5 + 2 * $0) }
    for index in stride(from: 0, to: 20, by: 4) { samples[index].y += 40 }
    #expect(samples.count == 20)
    let squared = LevenbergMarquardt().minimize(LineFit(samples: samples, loss: .squared), from: [0.6, 1.9])
    #expect(abs(squared.state[0] - 0.5) > 5)
    let robust = LevenbergMarquardt().minimize(LineFit(samples: samples, loss: loss), from: [0.6, 1.9])
    let tolerance = loss == .truncated ? 1e-9 : 0.02
    #expect(abs(robust.state[0] - 0.5) < tolerance && abs(robust.state[1] - 2) < tolerance, "\(robust)")
  }

  @Test(arguments: RobustLoss.allCases)
  func theCostNeverRises(loss: RobustLoss) {
    var generator = SeededGenerator(3)
    for _ in 0..<200 {
      let samples = (0..<8).map { _ in SIMD2(generator.uniform(-1...1), generator.uniform(-3...3)) }
      let problem = LineFit(samples: samples, loss: loss)
      let start = [generator.uniform(-3...3), generator.uniform(-3...3)]
      var last = problem.cost(at: start)
      for limit in 1...6 {
        let minimum = LevenbergMarquardt(maxIterations: limit).minimize(problem, from: start)
        #expect(minimum.cost <= last)
        #expect(abs(minimum.cost - problem.cost(at: minimum.state)) == 0)
        last = minimum.cost
      }
    }
  }

  @Test func parametersWithoutEffectDoNoHarm() {
    let samples = [SIMD2(0.0, 1.0), SIMD2(1, 3), SIMD2(2, 2), SIMD2(3, 5)]
    let minimum = LevenbergMarquardt().minimize(
      LineFit(samples: samples, loss: .squared, spare: 1), from: [10, -7, 4])
    // The normal matrix is singular: no step, no crash, no change for the worse.
    #expect(minimum.cost <= minimum.startCost && minimum.state.allSatisfy(\.isFinite))
    let empty = LevenbergMarquardt().minimize(LineFit(samples: [], loss: .truncated), from: [1, 2])
    #expect(empty.state == [1, 2] && empty.cost == 0)
  }

  @Test func noStepsAllowedIsNoChange() {
    let minimum = LevenbergMarquardt(maxIterations: 0).minimize(Valley(), from: SIMD2(-1.2, 1))
    #expect(minimum.state == SIMD2(-1.2, 1) && minimum.cost == minimum.startCost && minimum.iterations == 0)
  }

  @Test func lossesByTheirDefinitions() {
    #expect(RobustLoss.truncated.cost(squaredError: 3, scale: 2) == 3)
    #expect(RobustLoss.truncated.cost(squaredError: 5, scale: 2) == 4)
    #expect(abs(RobustLoss.cauchy.cost(squaredError: 12, scale: 2) - 4 * log(4.0)) < 1e-14)
    #expect(RobustLoss.squared.cost(squaredError: 12, scale: 2) == 12)
    for loss in RobustLoss.allCases {
      #expect(loss.cost(squaredError: 0, scale: 2) == 0 && loss.weight(squaredError: 0, scale: 2) == 1)
      #expect(
        loss.cost(squaredError: .nan, scale: 2).isFinite && loss.weight(squaredError: .nan, scale: 2) == 0)
      for error in [0.5, 3.0, 7.0, 100.0] {
        let slope =
          (loss.cost(squaredError: error + 1e-5, scale: 2) - loss.cost(squaredError: error - 1e-5, scale: 2))
          / 2e-5
        #expect(abs(slope - loss.weight(squaredError: error, scale: 2)) < 1e-8)
      }
    }
  }
}
