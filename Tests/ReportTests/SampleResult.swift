// A made-up evaluation that looks like a real one: 4 matchers, 3 grades, 48 pairs of poses or 24 of homographies,
// failures of several kinds. Figures follow from a fixed seed; the table is computed from the pairs here, apart from
// the code under test.

import Export
import Files
import Geometry
import Glibc
import Imaging
import TestSupport

@testable import Evaluation

/// Makes evaluations.
enum SampleResult {
  static let grades = ["easy", "medium", "hard"]
  private static let scenes = ["room", "facade", "table", "hill", "boxes", "night & <fog>"]
  /// Name, description, typical error (degrees) in each grade, share of failures, matches, seconds.
  private static let matchers: [(String, String, [Double], Double, Double, Double)] = [
    (
      "compact", "model compact, weights 4f1c09a2e77b, 640 px, score threshold 0.2", [0.9, 2.6, 8.0], 0.01,
      1240,
      0.31
    ),
    (
      "sift", "RootSIFT, 8000 keypoints, contrast 0.04, ratio 0.85, mutual check", [0.8, 4.0, 19.0], 0.05,
      610,
      0.22
    ),
    ("orb", "ORB, 8000 keypoints, 8 levels, ratio 0.9, mutual check", [2.0, 12, 45], 0.15, 420, 0.06),
    ("akaze", "AKAZE (MLDB), threshold 0.0005, ratio 0.9, mutual check", [1.1, 6.0, 26], 0.08, 530, 0.19),
  ]

  /// An evaluation of either task; images lie in `folder`.
  static func make(_ task: EvaluationTask, repeats: Int = 5, folder: String = "images") -> EvaluationResult {
    var random = SeededGenerator(task == .pose ? 11 : 23)
    let count = task == .pose ? 48 : 24
    let scale = task == .pose ? 1 : 0.55
    var outcomes: [PairOutcome] = []
    for (name, _, errors, failing, matches, seconds) in matchers {
      for pair in 0..<count {
        let grade = pair % 3
        let scene = scenes[(pair / 3) % scenes.count]
        let images = task == .pose ? ["left.png", "right.png"] : ["1.png", "\(pair % 5 + 2).png"]
        let typical = errors[grade] * scale * exp(0.9 * random.normal())
        let found = max(9, matches / Double(1 + grade) * exp(0.3 * random.normal()))
        let hasFailed = Double.random(in: 0..<1, using: &random) < failing * Double(1 + grade)
        let precision = 1 / (1 + typical / 6)
        let values = (0..<repeats).map { _ in min(179, typical * exp(0.12 * random.normal())) }
        let first = values.first ?? 0
        outcomes.append(
          PairOutcome(
            matcher: name, image0: "\(scene)-\(pair / 3)/\(images[0])",
            image1: "\(scene)-\(pair / 3)/\(images[1])", path0: folder + "/left.png",
            path1: folder + "/right.png", grade: grades[grade],
            errors: values.map { hasFailed ? nil : $0 },
            rotationError: hasFailed || task == .homography ? nil : first * 0.4,
            translationError: hasFailed || task == .homography ? nil : first,
            precision: hasFailed ? 0 : precision,
            matches: hasFailed ? 4 : Int(found), inliers: hasFailed ? 0 : Int(found * precision),
            seconds: seconds * exp(0.1 * random.normal()),
            failure: hasFailed ? "4 matches are fewer than the 5 that a pose needs" : nil))
      }
    }
    outcomes[7].errors = []
    (outcomes[7].rotationError, outcomes[7].translationError, outcomes[7].inliers) = (nil, nil, 0)
    outcomes[7].matches = 0
    outcomes[7].precision = nil
    outcomes[7].failure = "cannot read room <old> & \"new\"/left.png: no such file"
    let recipe = EvaluationRecipe(
      protocolName: "modern", estimator: "magsac, refined", threshold: 1, thresholdMeaning: "original pixels",
      confidence: 0.99999, maxIterations: 10000, maxSize: 640, seed: 7, repeats: repeats,
      dataset: task == .pose ? "fixtures/pose/pairs.txt" : "fixtures/homography",
      precisionThreshold: task == .pose ? 0.0005 : 3, machine: "AMD EPYC 9554 64-Core Processor", threads: 4)
    var rows: [MatcherSummary] = []
    for grade in [nil] + grades.map({ Optional($0) }) {
      for (name, description, _, _, _, _) in matchers {
        let own = outcomes.filter { $0.matcher == name && (grade == nil || $0.grade == grade) }
        rows.append(summary(own, name, description, grade, task, repeats))
      }
    }
    return EvaluationResult(version: "0.2.0", task: task, recipe: recipe, matchers: rows, pairs: outcomes)
  }

  private static func summary(
    _ pairs: [PairOutcome], _ name: String, _ description: String, _ grade: String?, _ task: EvaluationTask,
    _ repeats: Int
  ) -> MatcherSummary {
    func mean(_ value: (PairOutcome) -> Double) -> Double {
      pairs.reduce(0) { $0 + value($1) } / Double(pairs.count)
    }
    let areas = task.thresholds.map { threshold in
      (0..<repeats).map { turn in
        100
          * area(
            pairs.map { ($0.errors.indices.contains(turn) ? $0.errors[turn] : nil) ?? .infinity }, threshold)
      }
    }
    return MatcherSummary(
      matcher: name, description: description, grade: grade, pairs: pairs.count,
      auc: areas.map { $0.reduce(0, +) / Double(repeats) },
      aucSpread: areas.map { ($0.max() ?? 0) - ($0.min() ?? 0) },
      precision: 100 * mean { $0.precision ?? 0 }, matchingScore: 30 * mean { $0.precision ?? 0 },
      matches: mean { Double($0.matches) }, inliers: mean { Double($0.inliers) },
      failures: pairs.count { $0.failure != nil },
      secondsPerPair: pairs.map(\.seconds).sorted()[pairs.count / 2])
  }

  /// The AUC of the field: trapezoids over the sorted errors, the last recall held up to the threshold; 0...1.
  static func area(_ errors: [Double], _ threshold: Double) -> Double {
    let sorted = [0] + errors.sorted()
    let recall = sorted.indices.map { Double($0) / Double(errors.count) }
    let last = sorted.lastIndex { $0 < threshold } ?? 0
    let x = Array(sorted[...last]) + [threshold]
    let y = Array(recall[...last]) + [recall[last]]
    return zip(x.indices.dropFirst(), x.indices).reduce(0) { sum, step in
      sum + (x[step.0] - x[step.1]) * (y[step.0] + y[step.1]) / 2
    } / threshold
  }

  /// Two photos of a made-up facade into `folder`, the second seen a little from the side.
  static func writePhotos(into folder: String) throws {
    try write("left.png", into: folder) { x, y in SIMD2(x, y) }
    try write("right.png", into: folder) { x, y in inverse(SIMD2(x, y)) }
  }

  /// Matches between these photos, some of them wrong; the wrong ones are no inliers.
  static func matches(of pair: PairOutcome) -> EvaluatedMatches {
    var random = SeededGenerator(UInt64(pair.matches) &* 977 &+ 5)
    var (points0, points1, scores, inliers): ([SIMD2<Double>], [SIMD2<Double>], [Double], [Bool]) = (
      [], [], [], []
    )
    while points0.count < pair.matches {
      let point = SIMD2(
        Double.random(in: 10..<630, using: &random), Double.random(in: 10..<470, using: &random))
      let isRight = points0.count < pair.inliers
      let partner =
        isRight
        ? forward(point)
        : SIMD2(Double.random(in: 10..<630, using: &random), Double.random(in: 10..<470, using: &random))
      guard partner.x > 0, partner.x < 639, partner.y > 0, partner.y < 479 else { continue }
      points0.append(point)
      points1.append(partner)
      scores.append(
        isRight ? Double.random(in: 0.3..<1, using: &random) : Double.random(in: 0.2..<0.6, using: &random))
      inliers.append(isRight)
    }
    return EvaluatedMatches(
      correspondences: Correspondences(points0: points0, points1: points1, scores: scores), inliers: inliers)
  }

  /// From the left photo to the right one.
  private static func forward(_ point: SIMD2<Double>) -> SIMD2<Double> {
    let depth = 1 + 0.0006 * point.x
    return SIMD2((1.25 * point.x + 20) / depth, (0.95 * point.y + 0.08 * point.x) / depth)
  }

  private static func inverse(_ point: SIMD2<Double>) -> SIMD2<Double> {
    let x = (point.x - 20) / (1.25 - 0.0006 * point.x)
    return SIMD2(x, (point.y * (1 + 0.0006 * x) - 0.08 * x) / 0.95)
  }

  private static func write(
    _ name: String, into folder: String, from: (Double, Double) -> SIMD2<Double>
  ) throws {
    let (width, height) = (640, 480)
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let color = facade(from(Double(x), Double(y)))
        for channel in 0..<3 {
          pixels[(y * width + x) * 3 + channel] = UInt8(max(0, min(255, color[channel])))
        }
      }
    }
    let image = ColorImage(width: width, height: height, pixels: pixels)
    try AtomicFile.write(ImageEncoder.encode(image, as: name), to: folder + "/" + name)
  }

  /// Blue, green, red of a wall of bricks with windows.
  private static func facade(_ point: SIMD2<Double>) -> SIMD3<Double> {
    let (column, row) = ((point.x / 105).rounded(.down), (point.y / 118).rounded(.down))
    let inside = SIMD2(point.x - column * 105, point.y - row * 118)
    let grain = 14 * sin(point.x * 1.7 + 3 * sin(point.y * 0.9)) + 9 * sin(point.y * 2.3 + point.x * 0.4)
    if inside.x > 28, inside.x < 82, inside.y > 25, inside.y < 95 {
      let isFrame = inside.x < 33 || inside.x > 77 || abs(inside.x - 55) < 2 || inside.y < 30 || inside.y > 90
      if isFrame { return SIMD3(repeating: 215 + grain / 3) }
      let shade = 60 + 50 * sin(column * 2.1 + row * 1.3) + inside.y * 0.5
      return SIMD3(shade + 40, shade + 15, shade)
    }
    let course = (point.y / 13).rounded(.down)
    let along = point.x + (course.truncatingRemainder(dividingBy: 2) == 0 ? 0 : 16)
    let brick = (along / 32).rounded(.down)
    let isJoint = point.y - course * 13 < 2 || along - brick * 32 < 2
    if isJoint { return SIMD3(150, 165, 172) + grain / 2 }
    return SIMD3(70, 88, 140) + grain + 22 * sin(course * 12.9 + brick * 78.2)
  }
}
