// Exit codes: one for each kind of trouble, so that scripts can tell them apart. The README lists them.

import ArgumentParser
import Batch
import Evaluation
import Geometry
import Glibc
import Imaging
import PairStore
import Models
import Pipeline
import Reconstruction
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
  case pairsUnusable = 72
  case cannotWrite = 73
  case outputClosed = 74
  case interrupted = 130

  init(_ error: any Error) {
    self =
      switch error {
      case let error as ImagingError: ExitStatus(imaging: error)
      case is WeightsError: .weightsUnreadable
      case ModelError.unknownModel, ModelError.unknownVariant, ModelError.variantDoesNotApply: .usage
      case ModelError.modelDoesNotFit, ModelError.notAMatcher: .weightsDoNotFit
      case PipelineError.notEnoughMemory: .notEnoughMemory
      case GeometryError.estimatorFailed: .internalError
      case is GeometryError: .usage
      case let error as EvaluationError: ExitStatus(evaluation: error)
      case let error as BatchError: ExitStatus(batch: error)
      case let error as PairStoreError: ExitStatus(store: error)
      case is BatchInterrupted: .interrupted
      case let error as ReconstructionError: ExitStatus(reconstruction: error)
      case is OutputClosed: .outputClosed
      default: Match.exitCode(for: error) == .validationFailure ? .usage : .internalError
      }
  }

  private init(evaluation error: EvaluationError) {
    self =
      switch error {
      case .unreadable, .noPairs, .malformed, .gradeCount, .noFixtures: .pairsUnusable
      case .unknownMatcher: .usage
      case .cacheUnusable: .cannotWrite
      case .notFinite: .internalError
      }
  }

  private init(batch error: BatchError) {
    self =
      switch error {
      case .folderUnreadable, .noImages: .imageMissing
      case .pairsUnreadable, .malformedPair, .unknownImage, .noPairs, .allFailed: .pairsUnusable
      case .outputUnusable: .cannotWrite
      case .budgetTooSmall: .notEnoughMemory
      }
  }

  private init(store error: PairStoreError) {
    self =
      switch error {
      case .unreadable, .notAPairStore, .unknownFormat, .damaged, .noStores: .pairsUnusable
      case .otherRun: .usage
      case .inUse, .cannotWrite: .cannotWrite
      }
  }

  private init(reconstruction error: ReconstructionError) {
    self =
      switch error {
      case .noMatches, .sizesDiffer: .pairsUnusable
      case .photoUnreadable: .imageMissing
      case .unusableName: .usage
      case .libraryMissing: .internalError
      case .cannotWrite: .cannotWrite
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
      case .codecsMissing, .operationFailed: .internalError
      }
  }

  /// The command whose arguments are wrong, with a space before it: ` evaluate pose`, or ` pair` where none was named.
  ///
  /// ArgumentParser tells it in its full message only, whose last line is `  See 'match evaluate pose --help' for ...`.
  private static func command(in error: any Error) -> Substring {
    let advice = Match.fullMessage(for: error).split(whereSeparator: \.isNewline).last ?? ""
    let quoted = advice.split(separator: "'").dropFirst().first ?? ""
    guard quoted.hasPrefix("match "), quoted.hasSuffix(" --help") else { return " pair" }
    return quoted.dropFirst("match".count).dropLast(" --help".count)
  }

  /// The error in one line, whatever line breaks the names of files and models in it may have.
  func message(_ error: any Error) -> String {
    let text =
      switch error {
      case is ImagingError, is WeightsError, is PipelineError, is GeometryError, is EvaluationError,
        is ReconstructionError,
        is BatchError, is PairStoreError, is BatchInterrupted, is OutputClosed:
        "\(error)"
      default:
        Match.message(for: error) + (self == .usage ? " (see 'match help\(Self.command(in: error))')" : "")
      }
    return text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
  }
}

/// Standard output took no more: its reader has gone away, or its disk is full.
struct OutputClosed: Error, CustomStringConvertible {
  /// The system's number of the error.
  let number: Int32

  var description: String {
    let problem =
      number == EPIPE
      ? "was closed before everything was written" : "took no more (\(String(cString: strerror(number))))"
    return "standard output \(problem); the result is incomplete: write it to a file"
  }
}
