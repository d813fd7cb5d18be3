// The options for photos that are turned or far apart in scale, shared by all commands that match.

import ArgumentParser
import Pipeline

/// Whether other ways to show a pair are tried.
enum SearchChoice: String, CaseIterable, ExpressibleByArgument {
  case none, auto
}

/// Which other ways are tried.
struct ViewOptions: ParsableArguments {
  @Option(
    help: """
      Quarter turns of the second photo, tried where the matches tell that it is turned, or tell nothing: none, \
      auto (default: auto; none in a batch).
      """)
  var rotations: SearchChoice?
  @Option(
    help: """
      Ratios of scale, tried where the matches tell that one photo is much nearer, or tell nothing: none, auto \
      (default: auto; none in a batch).
      """)
  var scales: SearchChoice?

  /// The search that they ask for.
  ///
  /// - Parameter usual: what the command does where they say nothing.
  func search(usual: SearchChoice = .auto) -> ViewSearch {
    ViewSearch(turns: (rotations ?? usual) == .auto, scales: (scales ?? usual) == .auto)
  }
}
