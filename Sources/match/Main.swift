import ArgumentParser
import Files
import Glibc
import PhotoMatching

/// The root command; `match help` shows it.
struct Match: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Finds corresponding points in two photos: semi-dense matching on an ordinary CPU.",
    discussion: """
      match a.jpg b.jpg                      a summary
      match a.jpg b.jpg -o matches.csv       correspondences as CSV
      match a.jpg b.jpg --draw matches.png   a picture of them
      match batch photos/ -o out/            many pairs, for structure from motion
      match export out/ --colmap FILE        matched pairs for structure from motion
      match evaluate                         accuracy of matchers on pairs with known geometry
      match bench                            time per pair on this machine
      match model list                       the available models

      'match help pair' lists all matching options.
      """,
    version: programVersion,
    subcommands: [
      PairCommand.self, BatchCommand.self, ExportCommand.self, EvaluateCommand.self, BenchCommand.self,
      ModelCommand.self,
    ],
    defaultSubcommand: PairCommand.self)
}

@main
enum Main {
  static func main() {
    // A closed pipe is reported as a write error, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Match.parseAsRoot(
        CommandLineArguments.joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch {
      if Match.exitCode(for: error) == .success { Match.exit(withError: error) }
      let status = ExitStatus(error)
      StandardStream.error.write("match: \(status.message(error))\n")
      exit(status.rawValue)
    }
  }
}

enum CommandLineArguments {
  /// Joins negative numbers to the options before them: `--threads -1` becomes `--threads=-1`. ArgumentParser takes
  /// `-1` for an option and would report a missing value instead of a wrong one. No option of ours is named by a digit.
  static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    for argument in arguments {
      if isNegativeNumber(argument), let option = joined.last, option.hasPrefix("--"), option != "--",
        !option.contains("="), !joined.contains("--")
      {
        joined[joined.count - 1] = "\(option)=\(argument)"
      } else {
        joined.append(argument)
      }
    }
    return joined
  }

  /// Whether the argument is a minus sign followed by a number, perhaps by several with commas or by a unit.
  private static func isNegativeNumber(_ argument: String) -> Bool {
    let rest = argument.dropFirst().drop { $0 == "." }
    return argument.hasPrefix("-") && rest.first?.isNumber == true
  }
}
