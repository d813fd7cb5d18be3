// Errors of finding and building models.

import Files

package enum ModelError: ReportedError, Equatable, Sendable {
  case unknownModel(name: String, known: [String])
  case modelDoesNotFit(source: String, reason: String)
  case notAMatcher(source: String, what: String)
  case unknownVariant(text: String, known: [String])
  case variantDoesNotApply(source: String, variant: String, architecture: String, known: [String])

  package var description: String {
    switch self {
    case .unknownModel(let name, let known):
      "no model '\(name)' is built in; known: \(known.joined(separator: ", ")) (pass a file with --weights)"
    case .modelDoesNotFit(let source, let reason):
      "\(source): \(reason); the file is damaged or made for another version of this program"
    case .notAMatcher(let source, let what):
      "\(source): \(what), not a matcher this program supports; use weights of LoFTR or EfficientLoFTR, or a model "
        + "file made for this program"
    case .unknownVariant(let text, let known):
      "--variant \(text) is unknown: use a comma-separated list of \(known.joined(separator: ", "))"
    case .variantDoesNotApply(let source, let variant, let architecture, let known):
      "\(source): --variant \(variant) does not apply to "
        + (known.isEmpty
          ? "a model file of this program" : "\(architecture), which has \(known.joined(separator: ", "))")
        + "; leave it out"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .unknownModel, .unknownVariant, .variantDoesNotApply: .usage
    case .modelDoesNotFit, .notAMatcher: .weightsDoNotFit
    }
  }
}
