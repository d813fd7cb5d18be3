import Files
import Geometry
import Imaging
import Pipeline
import Tensor

/// Evaluates matchers on a dataset: matches pair by pair on all threads, or takes matches from the cache, then
/// estimates pairs in parallel. A pair that fails is listed with its reason; the others go on.
package struct Evaluator: Sendable {
  package let dataset: EvaluationDataset
  package let rules: EvaluationRules
  package let cache: PredictionCache?
  package let compute: Compute

  package init(dataset: EvaluationDataset, rules: EvaluationRules, cache: PredictionCache?, compute: Compute)
  {
    self.dataset = dataset
    self.rules = rules
    self.cache = cache
    self.compute = compute
  }

  /// Evaluates matchers one after another, in table order. `version` and `maxSize` are only recorded; `progress` is
  /// called after each pair and before estimation.
  package func callAsFunction(
    _ matchers: [any PairMatcher], version: String, maxSize: Int,
    progress: (EvaluationProgress) -> Void = { _ in }
  ) -> EvaluationResult {
    var state = EvaluationProgress(total: matchers.count * dataset.entries.count)
    let rows = matchers.map { measured($0, &state, progress) }
    let summaries = ([nil] + dataset.grades).flatMap { grade in
      zip(matchers, rows).map { matcher, pairs in
        MatcherSummary(
          matcher, pairs.filter { grade == nil || $0.grade == grade }, grade: grade, rules: rules,
          task: dataset.task)
      }
    }
    return EvaluationResult(
      version: version, task: dataset.task, recipe: recipe(maxSize: maxSize), matchers: summaries,
      pairs: rows.flatMap(\.self))
  }

  /// The matches of a pair, from the cache if possible. Throws what reading the photos or the matcher throws.
  package func prediction(_ matcher: any PairMatcher, _ pair: EvaluationPair) throws -> FramedPrediction {
    try keptOrMatched(matcher, pair).framed
  }

  private func keptOrMatched(
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

  /// The matches of an outcome, cached or matched again; nil if the pair is not in this dataset or cannot be matched.
  package func matches(of outcome: PairOutcome, _ matchers: [any PairMatcher]) -> EvaluatedMatches? {
    let pair = dataset.pairs.first { pair in
      pair.path0 == outcome.path0 && pair.path1 == outcome.path1 && pair.image0 == outcome.image0
        && pair.image1 == outcome.image1
    }
    guard let pair, let matcher = matchers.first(where: { $0.name == outcome.matcher }),
      let framed = try? prediction(matcher, pair)
    else { return nil }
    var rules = rules
    rules.repeats = 1
    let score = PairScore(framed, truth: pair.truth, rules: rules, matcher: matcher)
    return EvaluatedMatches(correspondences: score.counted.storedMatches, inliers: score.inlierMask)
  }

  /// One matcher's outcomes, in dataset order.
  private func measured(
    _ matcher: any PairMatcher, _ state: inout EvaluationProgress, _ progress: (EvaluationProgress) -> Void
  ) -> [PairOutcome] {
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
          let (framed, isNew) = try keptOrMatched(matcher, pair)
          if isNew { state.matched += 1 }
          return framed
        }
      }
    }
    state.isEstimating = true
    progress(state)
    state.isEstimating = false
    var rows = [PairOutcome?](repeating: nil, count: predictions.count)
    rows.withUnsafeMutableBufferPointer { rows in
      // Each index is written by one thread only.
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
  ) -> PairOutcome {
    let unestimated = [Double?](repeating: nil, count: rules.repeats)
    switch (entry, prediction) {
    case (.broken(let pair), _):
      return PairOutcome(
        matcher: matcher.name, image0: pair.image0, image1: pair.image1, path0: "", path1: "",
        grade: pair.grade, errors: unestimated, failure: "\(pair.error)")
    case (.usable(let pair), .failure(let error)):
      return PairOutcome(
        matcher: matcher.name, image0: pair.image0, image1: pair.image1, path0: pair.path0, path1: pair.path1,
        grade: pair.grade, errors: unestimated, failure: "\(error)")
    case (.usable(let pair), .success(let framed)):
      let score = PairScore(framed, truth: pair.truth, rules: rules, matcher: matcher)
      let keypoints = framed.prediction.keypoints.first
      let correct = Double(score.precision?.correct ?? 0)
      return PairOutcome(
        matcher: matcher.name, image0: pair.image0, image1: pair.image1, path0: pair.path0, path1: pair.path1,
        grade: pair.grade, errors: score.errors, rotationError: score.poseError?.rotation,
        translationError: score.poseError?.translation, precision: score.precision?.share,
        matches: framed.prediction.count, inliers: score.inlierMask?.count { $0 } ?? 0,
        seconds: framed.prediction.seconds, failure: score.failure,
        matchingScore: keypoints > 0 ? correct / Double(keypoints) : 0)
    }
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

package struct EvaluationProgress: Equatable, Sendable {
  /// The current matcher.
  package var matcher = ""
  /// Pairs done, over all matchers.
  package var done = 0
  /// Of these, pairs that were not in the cache.
  package var matched = 0
  /// Pairs times matchers.
  package var total: Int
  /// True when the current matcher's matches are all there and estimation starts.
  package var isEstimating = false
}

package struct EvaluatedMatches: Sendable {
  /// In pixels of the stored photos.
  package var correspondences: Correspondences
  /// Inliers of the first repeat; nil without an estimate.
  package var inliers: [Bool]?
}
