// The exit status and the one-line message of an error: the modules' errors provide both, ArgumentParser's do not.

import ArgumentParser
import Files

extension ExitStatus {
  init(_ error: any Error) {
    self =
      (error as? any ReportedError)?.exitStatus
      ?? (Match.exitCode(for: error) == .validationFailure ? .usage : .internalError)
  }

  /// The error in one line, even if file or model names in it contain line breaks.
  func message(_ error: any Error) -> String {
    let text =
      (error as? any ReportedError)?.description
      ?? Match.message(for: error) + (self == .usage ? " (see 'match help\(Self.command(in: error))')" : "")
    return text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
  }

  /// The command whose arguments are wrong, after a space: ` evaluate pose`, or ` pair` if none was named. Only the
  /// last line of ArgumentParser's full message names it: `  See 'match evaluate pose --help' for ...`.
  private static func command(in error: any Error) -> Substring {
    let advice = Match.fullMessage(for: error).split(whereSeparator: \.isNewline).last ?? ""
    let quoted = advice.split(separator: "'").dropFirst().first ?? ""
    guard quoted.hasPrefix("match "), quoted.hasSuffix(" --help") else { return " pair" }
    return quoted.dropFirst("match".count).dropLast(" --help".count)
  }
}
