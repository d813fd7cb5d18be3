// The arguments as the parser shall see them.

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
