/// An error with a one-line description and an exit status that scripts can tell apart.
package protocol ReportedError: Error, CustomStringConvertible {
  var exitStatus: ExitStatus { get }
}

/// The program's exit statuses; the README lists them.
package enum ExitStatus: Int32, CaseIterable, Sendable {
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
}
