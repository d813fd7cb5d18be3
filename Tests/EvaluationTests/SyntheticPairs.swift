// Pairs with matches made from their ground truth, and a matcher that hands them out.

import Geometry
import Imaging
import Pipeline
import Synchronization
import TestSupport

@testable import Evaluation

/// Predictions by the path of the first photo.
final class ScriptedMatcher: PairMatcher {
  let name: String
  let description = "matches made from the truth"
  let identity: String
  private let predictions: [String: Prediction]
  private let calls = Mutex<[String]>([])

  init(_ predictions: [String: Prediction], name: String = "scripted", identity: String = "scripted") {
    self.predictions = predictions
    self.name = name
    self.identity = identity
  }

  /// First photos that it was asked to match.
  var called: [String] { calls.withLock { $0 } }

  func seenSize(width: Int, height: Int) -> NetworkSize {
    NetworkSize(width: width, height: height, maxSize: 0)
  }

  func match(_ photo0: Photo, _ photo1: Photo) throws -> Prediction {
    calls.withLock { $0.append(photo0.path) }
    guard let prediction = predictions[photo0.path] else { throw ImagingError.missing(path: photo0.path) }
    return prediction
  }
}

/// A scene seen by two cameras.
struct SyntheticPair {
  static let (width, height) = (640, 480)

  let truth: PoseTruth
  var points0: [SIMD2<Double>] = []
  var points1: [SIMD2<Double>] = []

  /// 400 points in both pictures.
  init(seed: UInt64) {
    var random = SeededGenerator(seed)
    let camera = Camera(fx: 560, fy: 560, cx: 319.5, cy: 239.5)
    let angle = random.uniform(0.3...0.6) * (seed % 2 == 0 ? 1 : -1)
    // The tangent of the half angle makes an exact rotation without trigonometry.
    let half = angle / 2
    let square = 1 + half * half
    let cosine = (2 - square) / square
    let sine = 2 * half / square
    let rotation = Matrix3(SIMD3(cosine, 0, sine), SIMD3(0, 1, 0), SIMD3(-sine, 0, cosine))
    // The second camera looks at the same middle, 5 units away.
    let center = SIMD3<Double>(0, 0, 5)
    let offset = SIMD3<Double>(0.3, random.uniform(-0.5...0.5), random.uniform(-0.3...0.3))
    let translation = center - rotation * center + offset
    truth = PoseTruth(camera0: camera, camera1: camera, rotation: rotation, translation: translation)
    func project(_ point: SIMD3<Double>) -> SIMD2<Double> {
      SIMD2(camera.fx * point.x / point.z + camera.cx, camera.fy * point.y / point.z + camera.cy)
    }
    func isSeen(_ point: SIMD2<Double>) -> Bool {
      (0...639).contains(point.x) && (0...479).contains(point.y)
    }
    while points0.count < 400 {
      let point = SIMD3<Double>(random.uniform(-2...2), random.uniform(-1.5...1.5), random.uniform(3.5...7))
      let (point0, point1) = (project(point), project(rotation * point + translation))
      guard isSeen(point0), isSeen(point1) else { continue }
      points0.append(point0)
      points1.append(point1)
    }
  }

  /// Matches with noise, the second half of them false.
  func noisyMatches(seed: UInt64, noise: Double = 0.5) -> Prediction {
    var random = SeededGenerator(seed)
    let moved = points1.map { $0 + noise * SIMD2(random.normal(), random.normal()) }
    let falseMatches = points0.map { _ in SIMD2(random.uniform(0...639), random.uniform(0...479)) }
    return Self.prediction(points0 + points0, moved + falseMatches)
  }

  /// Points matched with the points of others.
  func shuffledMatches(seed: UInt64) -> Prediction {
    var random = SeededGenerator(seed)
    return Self.prediction(points0, points1.shuffled(using: &random))
  }

  /// A prediction of falling scores.
  static func prediction(_ points0: [SIMD2<Double>], _ points1: [SIMD2<Double>]) -> Prediction {
    Prediction(
      correspondences: Correspondences(
        points0: points0, points1: points1, scores: points0.indices.map { 1 / Double($0 + 1) }),
      keypoints: Pair(2 * points0.count, points1.count), seconds: 0.25)
  }
}
