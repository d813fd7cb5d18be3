import Evaluation
import Export
import Files
import Geometry
import Imaging
import PhotoMatching
import Pipeline
import Report
import Tensor

/// Runs matchers over datasets and writes what was asked for.
struct EvaluateRun {
  let options: EvaluateOptions

  func run(_ datasets: [EvaluationDataset]) throws {
    // Refuses paths that cannot be written before hours of matching, not after.
    for path in [options.output, options.csv, options.report].compactMap({ $0 }) {
      _ = try AtomicFile(path: path)
    }
    let compute = Compute(threads: options.threads)
    let matchers = try MatcherList.matchers(options, compute: compute)
    let cache = try cache()
    var (results, evaluators): ([EvaluationResult], [Evaluator]) = ([], [])
    for dataset in datasets {
      let rules = EvaluationRules(
        protocolName: options.protocolName, seed: options.seed, repeats: options.repeats,
        precisionThreshold: options.precisionThreshold ?? EvaluationProtocol.precisionThreshold(dataset.task),
        threshold: options.inlierThreshold)
      let evaluator = Evaluator(dataset: dataset, rules: rules, cache: cache, compute: compute)
      let line = StatusLine(interval: .milliseconds(100))
      let result = evaluator(matchers, version: programVersion, maxSize: options.maxSize) { progress in
        line.show(isUrgent: progress.isEstimating) { progress.text(after: $0) }
      }
      line.clear()
      let table = EvaluationTable(result: result, remarks: dataset.remarks)
      try StandardStream.output.writeAll((results.isEmpty ? "" : "\n") + table.text)
      if let folder = options.matches { try writeMatches(evaluator, matchers, folder) }
      results.append(result)
      evaluators.append(evaluator)
    }
    try write(results) { outcome in
      for evaluator in evaluators {
        if let matches = evaluator.matches(of: outcome, matchers) { return matches }
      }
      return nil
    }
  }

  private func cache() throws -> PredictionCache? {
    guard !options.noCache, let folder = options.cache ?? PredictionCache.defaultFolder else { return nil }
    // The program's own digest: a new build must not reuse the predictions of an older one.
    let digest = SHA256.hexadecimal(of: try File.read("/proc/self/exe"))
    return try PredictionCache(folder: folder, program: "match \(programVersion) \(digest)")
  }

  private func write(
    _ results: [EvaluationResult], _ matches: @escaping (PairOutcome) -> EvaluatedMatches?
  ) throws {
    let page = ReportPage(results: results, matches: matches)
    let files = [
      (options.output, options.output == nil ? [] : try RecordJSON.encode(results)),
      (options.csv, options.csv == nil ? [] : OutcomeCSV.encode(results)),
      (options.report, options.report == nil ? [] : Array(try page.html().utf8)),
    ]
    for case (let path?, let bytes) in files { try AtomicFile.write(bytes, to: path) }
  }

  /// The matches of every pair in pixels of the stored photos, for programs that check the figures.
  private func writeMatches(_ evaluator: Evaluator, _ matchers: [any PairMatcher], _ folder: String) throws {
    for matcher in matchers {
      for (index, entry) in evaluator.dataset.entries.enumerated() {
        guard case .usable(let pair) = entry, let framed = try? evaluator.prediction(matcher, pair) else {
          continue
        }
        let matches = framed.storedMatches
        var text = "x0,y0,x1,y1,score\n"
        for index in matches.indices {
          let (point0, point1) = (matches.points0[index], matches.points1[index])
          // All digits, as the figures are compared to the last bit.
          text += "\(point0.x),\(point0.y),\(point1.x),\(point1.y),\(matches.scores[index])\n"
        }
        let path = "\(folder)/\(evaluator.dataset.task.rawValue)/\(matcher.name)"
        try Folder.make(path)
        try AtomicFile.write(text.utf8, to: "\(path)/\(index + 1).csv")
      }
    }
  }
}
