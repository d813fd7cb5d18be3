import Evaluation
import Models
import Pipeline
import Tensor

/// The matchers that `match evaluate --matcher` names.
enum MatcherList {
  static var knownNames: [String] { ModelCatalog.names + ClassicalPairMatcher.names }

  /// Throws `EvaluationError.unknownMatcher`, and errors of reading a model.
  static func matchers(_ options: EvaluateOptions, compute: Compute) throws -> [any PairMatcher] {
    var matchers: [any PairMatcher] = []
    for name in options.matcher.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      let parts = name.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
      let maxSize = parts.count == 2 ? Int(parts[1]) : options.maxSize
      let kinds = parts[0].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      let precision = kinds.count == 2 ? PrecisionMode(rawValue: kinds[1]) : options.precisionOption.precision
      guard parts.count <= 2, let maxSize, isMaxSize(maxSize), kinds.count <= 2, let precision,
        kinds.count == 1 || ModelCatalog.names.contains(kinds[0]),
        knownNames.contains(kinds[0]), !matchers.contains(where: { $0.name == name })
      else { throw EvaluationError.unknownMatcher(name: name, known: knownNames) }
      if ModelCatalog.names.contains(kinds[0]) {
        let variant = options.variantOption.variant
        let model = try ModelSource(named: kinds[0], orAt: options.weights, variant: variant).load()
        matchers.append(
          NetworkPairMatcher(
            name: name, model: model, variant: variant, maxSize: maxSize, search: options.views.search(),
            precision: precision, compute: compute))
      } else if let kind = ClassicalMatcher.Kind(rawValue: kinds[0]) {
        let matcher = ClassicalMatcher(kind, threads: compute.threads)
        matchers.append(ClassicalPairMatcher(name: name, matcher: matcher, maxSize: maxSize))
      }
    }
    return matchers
  }
}
