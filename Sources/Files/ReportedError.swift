// What an error owes to whoever runs the program: one line of text, and an exit status that scripts can tell apart.

/// An error that says both.
package protocol ReportedError: Error, CustomStringConvertible {
  /// The kind of trouble.
  var exitStatus: ExitStatus { get }
}

/// The exit status of the program by kind of trouble. The README lists them.
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
