// The options for pairs that hardly match as they are, shared by all commands that match.

import ArgumentParser
import Pipeline

/// Whether other ways to show a pair are tried.
enum SearchChoice: String, CaseIterable, ExpressibleByArgument {
  case none, auto
}

/// Which other ways are tried.
struct ViewOptions: ParsableArguments {
  @Option(help: "Quarter turns of the second photo, tried where a pair hardly matches: none, auto.")
  var rotations = SearchChoice.none
  @Option(help: "Ratios of scale beyond 2, tried where a pair hardly matches: none, auto.")
  var scales = SearchChoice.none

  /// The search that they ask for.
  var search: ViewSearch { ViewSearch(turns: rotations == .auto, scales: scales == .auto) }
}
