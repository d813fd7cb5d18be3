// The matches behind an outcome, for pictures: matched again, or taken from the cache.

import Export

extension Evaluator {
  /// The matches of an outcome in pixels of the photos as stored, inliers of the first repeat marked; nil where the
  /// pair is not one of this dataset or cannot be matched. Where nothing is estimated, all count as inliers.
  package func correspondences(_ outcome: PairOutcome, _ matchers: [any PairMatcher]) -> Correspondences? {
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
    let (points0, points1) = score.counted.storedPoints
    let isEstimated = !score.errors.isEmpty
    return Correspondences(
      points0: points0, points1: points1, scores: score.counted.prediction.scores,
      inliers: score.inlierMask ?? [Bool](repeating: !isEstimated, count: points0.count))
  }
}
