// The matches behind an outcome, for pictures: matched again, or taken from the cache.

import Geometry

/// Matches of one outcome.
package struct EvaluatedMatches: Sendable {
  /// In pixels of the photos as stored.
  package var correspondences: Correspondences
  /// Inliers of the first repeat; nil where nothing was estimated.
  package var inliers: [Bool]?
}

extension Evaluator {
  /// The matches of an outcome; nil where the pair is not one of this dataset or cannot be matched.
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
}
