// What can go wrong between two photos and their correspondences, beyond the errors of the modules below.

/// Errors of the pipeline; each description is one line.
public enum PipelineError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknownModel(name: String, known: [String])
  case modelDoesNotFit(source: String, reason: String)
  case notEnoughMemory(width: Int, height: Int, neededMegabytes: Int, availableMegabytes: Int, fitting: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unknownModel(let name, let known):
      "no model '\(name)' is built in; known: \(known.joined(separator: ", ")) (a file is given with --weights)"
    case .modelDoesNotFit(let source, let reason):
      "\(source): \(reason); the file is damaged or made for another version of this program"
    case .notEnoughMemory(let width, let height, let needed, let available, let fitting):
      "matching at up to \(width)x\(height) pixels needs about \(needed) MB of memory and \(available) MB are "
        + "free; --max-size \(fitting) would fit"
    }
  }
}
