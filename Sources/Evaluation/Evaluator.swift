// Runs matchers over a dataset: matching pair by pair on all threads (or from the cache), then estimation, pairs in
// parallel. A pair that fails in any way is listed with its reason; the others go on.

import Files
import Geometry
import Imaging
import Pipeline
import Tensor

/// Evaluates matchers on one dataset.
package struct Evaluator: Sendable {
  /// The pairs.
  package let dataset: EvaluationDataset
  /// Protocol, repeats, seed.
  package let rules: EvaluationRules
  /// Where predictions are kept; nil for nowhere.
  package let cache: PredictionCache?
  /// Threads of estimation.
  package let compute: Compute

  /// An evaluator of a dataset.
  package init(dataset: EvaluationDataset, rules: EvaluationRules, cache: PredictionCache?, compute: Compute)
  {
    self.dataset = dataset
    self.rules = rules
    self.cache = cache
    self.compute = compute
  }

  /// Evaluates matchers one after another; a matcher is made when its turn comes.
  ///
  /// - Parameters:
  ///   - matchers: in the order of the table.
  ///   - version: of the program, for the record.
  ///   - maxSize: as asked for, for the record.
  ///   - progress: called after each pair, and before estimation.
  package func callAsFunction(
    _ matchers: [any PairMatcher], version: String, maxSize: Int,
    progress: (EvaluationProgress) -> Void = { _ in }
  ) -> EvaluationResult {
    var rows: [[MeasuredPair]] = []
    var state = EvaluationProgress(total: matchers.count * dataset.entries.count)
    for matcher in matchers { rows.append(measured(matcher, &state, progress)) }
    let grades = dataset.entries.map(\.grade)
    let table = MatcherSummarizer(task: dataset.task, repeats: rules.repeats)
    var summaries = zip(matchers, rows).map { table.summary($0, $1, grade: nil) }
    for grade in table.distinct(grades) {
      summaries += zip(matchers, rows).map {
        table.summary($0, $1.filter { $0.outcome.grade == grade }, grade: grade)
      }
    }
    return EvaluationResult(
      version: version, task: dataset.task, recipe: recipe(maxSize: maxSize), matchers: summaries,
      pairs: rows.flatMap { $0.map(\.outcome) })
  }

  /// The matches of a pair, from the cache where they are there.
  ///
  /// - Throws: errors of reading photos and of the matcher.
  package func prediction(_ matcher: any PairMatcher, _ pair: EvaluationPair) throws -> FramedPrediction {
    try prediction(matcher, pair).framed
  }

  private func prediction(
    _ matcher: any PairMatcher, _ pair: EvaluationPair
  ) throws -> (framed: FramedPrediction, isNew: Bool) {
    let framing = EvaluationProtocol.framing(dataset.task)
    let files = (try ImageReader(path: pair.path0), try ImageReader(path: pair.path1))
    let key = cache?.key(
      matcher: matcher,
      photos: [
        (files.0.bytes, framing.identity(turns: pair.turns0)),
        (files.1.bytes, framing.identity(turns: pair.turns1)),
      ])
    if let cache, let key, let kept = cache.prediction(key) { return (kept, false) }
    let (photo0, frame0) = try framing.frame(files.0, turns: pair.turns0)
    let (photo1, frame1) = try framing.frame(files.1, turns: pair.turns1)
    let framed = FramedPrediction(
      prediction: try matcher.match(photo0, photo1), frame0: frame0, frame1: frame1)
    // A full disk costs the cache, not the evaluation.
    if let cache, let key { try? cache.store(framed, key) }
    return (framed, true)
  }

  /// All pairs under one matcher, in the order of the dataset.
  private func measured(
    _ matcher: any PairMatcher, _ state: inout EvaluationProgress, _ progress: (EvaluationProgress) -> Void
  ) -> [MeasuredPair] {
    let predictions = dataset.entries.map { entry -> Result<FramedPrediction, any Error> in
      state.matcher = matcher.name
      defer {
        state.done += 1
        progress(state)
      }
      switch entry {
      case .broken(let pair): return .failure(pair.error)
      case .usable(let pair):
        return Result {
          let (framed, isNew) = try prediction(matcher, pair)
          if isNew { state.matched += 1 }
          return framed
        }
      }
    }
    state.isEstimating = true
    progress(state)
    state.isEstimating = false
    var rows = [MeasuredPair?](repeating: nil, count: predictions.count)
    rows.withUnsafeMutableBufferPointer { rows in
      // Each piece writes its own pair.
      nonisolated(unsafe) let rows = rows
      compute.parallelFor(predictions.count, grain: 1) { range in
        for index in range { rows[index] = measuredPair(matcher, dataset.entries[index], predictions[index]) }
      }
    }
    return rows.compactMap { $0 }
  }

  private func measuredPair(
    _ matcher: any PairMatcher, _ entry: EvaluationDataset.Entry,
    _ prediction: Result<FramedPrediction, any Error>
  ) -> MeasuredPair {
    let (image0, image1) = entry.images
    let (path0, path1) = entry.paths
    var outcome = PairOutcome(
      matcher: matcher.name, image0: image0, image1: image1, path0: path0, path1: path1, grade: entry.grade,
      errors: [Double?](repeating: nil, count: rules.repeats), rotationError: nil, translationError: nil,
      precision: nil, matches: 0, inliers: 0, seconds: 0, failure: nil)
    guard case .usable(let pair) = entry, case .success(let framed) = prediction else {
      if case .failure(let error) = prediction { outcome.failure = "\(error)" }
      return MeasuredPair(outcome: outcome, matchingScore: 0)
    }
    let score = PairScore(framed, truth: pair.truth, rules: rules, matcher: matcher)
    outcome.errors = score.errors
    (outcome.rotationError, outcome.translationError) = (
      score.poseError?.rotation, score.poseError?.translation
    )
    outcome.precision = score.precision?.share
    (outcome.matches, outcome.inliers) = (framed.prediction.count, score.inlierMask?.count { $0 } ?? 0)
    (outcome.seconds, outcome.failure) = (framed.prediction.seconds, score.failure)
    let keypoints = framed.prediction.keypoints.first
    let correct = Double(score.precision?.correct ?? 0)
    return MeasuredPair(outcome: outcome, matchingScore: keypoints > 0 ? correct / Double(keypoints) : 0)
  }

  private func recipe(maxSize: Int) -> EvaluationRecipe {
    let figures = rules.protocolName.figures(dataset.task)
    return EvaluationRecipe(
      protocolName: rules.protocolName.rawValue, estimator: figures.estimator,
      threshold: rules.threshold ?? figures.threshold,
      thresholdMeaning: figures.meaning, confidence: figures.confidence, maxIterations: figures.iterations,
      maxSize: maxSize, seed: rules.seed, repeats: rules.repeats, dataset: dataset.name,
      precisionThreshold: rules.precisionThreshold, machine: Machine.processor, threads: compute.threads)
  }
}

/// How far an evaluation is.
package struct EvaluationProgress: Equatable, Sendable {
  /// The matcher at work.
  package var matcher = ""
  /// Pairs done, over all matchers.
  package var done = 0
  /// Of these, pairs that were matched now and not kept from before.
  package var matched = 0
  /// All pairs of all matchers.
  package var total: Int
  /// Whether the matcher's matches are about to become estimates, all at once.
  package var isEstimating = false
}

/// An outcome and what its row does not say.
struct MeasuredPair {
  var outcome: PairOutcome
  /// Share of the first photo's keypoints that are precise matches, 0...1.
  var matchingScore: Double
}

extension EvaluationDataset.Entry {
  var grade: String? {
    switch self {
    case .usable(let pair): pair.grade
    case .broken(let pair): pair.grade
    }
  }

  fileprivate var images: (String, String) {
    switch self {
    case .usable(let pair): (pair.image0, pair.image1)
    case .broken(let pair): (pair.image0, pair.image1)
    }
  }

  fileprivate var paths: (String, String) {
    switch self {
    case .usable(let pair): (pair.path0, pair.path1)
    case .broken: ("", "")
    }
  }
}
