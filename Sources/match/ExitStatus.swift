// Exit codes: one for each kind of trouble, so that scripts can tell them apart. The README lists them.

import ArgumentParser
import Geometry
import Imaging
import Pipeline
import Weights

/// What the program reports to its caller.
enum ExitStatus: Int32, CaseIterable {
  case usage = 64
  case imageDamaged = 65
  case imageMissing = 66
  case imageUnsuitable = 67
  case weightsUnreadable = 68
  case weightsDoNotFit = 69
  case internalError = 70
  case notEnoughMemory = 71
  case cannotWrite = 73
  case outputClosed = 74

  init(_ error: any Error) {
    self =
      switch error {
      case let error as ImagingError: ExitStatus(imaging: error)
      case is WeightsError: .weightsUnreadable
      case PipelineError.unknownModel: .usage
      case PipelineError.modelDoesNotFit: .weightsDoNotFit
      case PipelineError.notEnoughMemory: .notEnoughMemory
      case GeometryError.estimatorFailed: .internalError
      case is GeometryError: .usage
      case is OutputClosed: .outputClosed
      default: Match.exitCode(for: error) == .validationFailure ? .usage : .internalError
      }
  }

  private init(imaging error: ImagingError) {
    self =
      switch error {
      case .missing, .isDirectory, .unreadable: .imageMissing
      case .empty, .notAnImage, .truncated: .imageDamaged
      case .unsupported, .tooSmall, .tooLarge: .imageUnsuitable
      case .outOfMemory: .notEnoughMemory
      case .cannotEncode, .cannotWrite: .cannotWrite
      case .operationFailed: .internalError
      }
  }

  /// The error in one line.
  func message(_ error: any Error) -> String {
    switch error {
    case is ImagingError, is WeightsError, is PipelineError, is GeometryError, is OutputClosed: "\(error)"
    default:
      Match.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
        + (self == .usage ? " (see 'match --help')" : "")
    }
  }
}

/// Standard output was closed by whoever reads it.
struct OutputClosed: Error, CustomStringConvertible {
  let description = "standard output was closed before everything was written; the result is incomplete"
}
