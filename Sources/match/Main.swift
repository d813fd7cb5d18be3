// The program: parses the command line, runs the chosen command, and turns every error into one line on stderr
// and an exit code of its own (see ExitStatus).

import ArgumentParser
import Files
import Glibc
import PhotoMatching

/// The root command.
struct Match: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Finds corresponding points in two photos: semi-dense matching on an ordinary CPU.",
    discussion: """
      match a.jpg b.jpg                      a summary
      match a.jpg b.jpg -o matches.csv       the correspondences as CSV
      match a.jpg b.jpg --draw matches.png   a picture of them
      match batch photos/ -o out/            many pairs, for structure from motion
      match export out/ --colmap FILE        matched pairs for structure from motion
      match evaluate                         how good matchers are on pairs with known geometry
      match bench                            how long a pair takes on this machine
      match model list                       the models at hand

      'match help pair' lists all options of matching.
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
    // A reader that goes away is reported as an error of writing, not by a signal.
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

/// The arguments of a command line.
enum CommandLineArguments {
  /// The arguments with negative numbers tied to the options before them: `--threads -1` becomes `--threads=-1`.
  ///
  /// ArgumentParser takes `-1` for an option of that name and would report that the value is missing, instead of what
  /// is wrong with it. No option of this program has a digit for its name.
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

  /// Whether it is a minus sign with a number behind it, perhaps several separated by commas or with a unit.
  private static func isNegativeNumber(_ argument: String) -> Bool {
    let rest = argument.dropFirst().drop { $0 == "." }
    return argument.hasPrefix("-") && rest.first?.isNumber == true
  }
}
