// What the program reports of an error: its exit status and one line. The modules' errors state both themselves; the
// rest comes from ArgumentParser.

import ArgumentParser
import Files

extension ExitStatus {
  /// The status of any error.
  init(_ error: any Error) {
    self =
      (error as? any ReportedError)?.exitStatus
      ?? (Match.exitCode(for: error) == .validationFailure ? .usage : .internalError)
  }

  /// The error in one line, whatever line breaks the names of files and models in it may have.
  func message(_ error: any Error) -> String {
    let text =
      (error as? any ReportedError)?.description
      ?? Match.message(for: error) + (self == .usage ? " (see 'match help\(Self.command(in: error))')" : "")
    return text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
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
}
