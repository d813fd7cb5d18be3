// What can go wrong between two photos and their correspondences, beyond the errors of the modules below.

import Files

/// Errors of the pipeline; each description is one line.
package enum PipelineError: ReportedError, Equatable, Sendable {
  case notEnoughMemory(width: Int, height: Int, neededMegabytes: Int, availableMegabytes: Int, fitting: Int)

  package var description: String {
    switch self {
    case .notEnoughMemory(let width, let height, let needed, let available, let fitting):
      "matching at up to \(width)x\(height) pixels needs about \(needed) MB of memory and \(available) MB are "
        + "free; --max-size \(fitting) would fit"
    }
  }

  package var exitStatus: ExitStatus { .notEnoughMemory }
}
