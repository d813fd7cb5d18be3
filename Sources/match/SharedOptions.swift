// Options that several commands share, and their validation.

import ArgumentParser
import Models
import PhotoMatching
import Pipeline

/// How to read third-party weights.
struct VariantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What third-party weights do not state, separated by commas: original or corrected (LoFTR's position encoding), \
      full or optimized (EfficientLoFTR's mode).
      """, valueName: "names"),
    transform: { try WeightsVariant(parsing: $0) })
  var variant = WeightsVariant()
}

/// Whether other views of a pair are tried.
enum SearchChoice: String, CaseIterable, ExpressibleByArgument {
  case none, auto
}

/// Which other views of a pair are tried.
struct ViewOptions: ParsableArguments {
  @Option(
    help: """
      Try quarter turns of the second photo where the matches suggest a turn or are inconclusive: none, auto \
      (default: auto; none in a batch).
      """)
  var rotations: SearchChoice?
  @Option(
    help: """
      Try scale ratios where the matches suggest that one photo is much nearer or are inconclusive: none, auto \
      (default: auto; none in a batch).
      """)
  var scales: SearchChoice?

  /// `usual`: the command's default.
  func search(usual: SearchChoice = .auto) -> ViewSearch {
    ViewSearch(turns: (rotations ?? usual) == .auto, scales: (scales ?? usual) == .auto)
  }
}

extension PrecisionMode: ExpressibleByArgument {}

struct PrecisionOption: ParsableArguments {
  @Option(
    help: """
      Which points: network, refined (aligned on the photos' grey values, the network's where that fails), verified \
      (only aligned ones if there are enough).
      """)
  var precision = MatchSettings().precision
}

/// Each check throws `ValidationError` for a value that is given but cannot be used.
extension ParsableArguments {
  func checkMaxSize(_ size: Int) throws {
    guard isMaxSize(size) else {
      throw ValidationError("--max-size \(size) is out of range: use 0 or 16 to 65536 pixels")
    }
  }

  func checkThreads(_ threads: Int?) throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is out of range: use 1 to 1024")
    }
  }

  func checkInlierThreshold(_ threshold: Double?) throws {
    if let threshold, !(threshold > 0 && threshold <= 1e6) {
      throw ValidationError(
        "--inlier-threshold \(threshold) is out of range: use a positive number of pixels")
    }
  }

  func checkMatches(threshold: Float?, most: Int?) throws {
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold \(threshold) is out of range: use 0 to 1")
    }
    if let most, most < 1 { throw ValidationError("--max-matches \(most) is out of range: use 1 or more") }
  }

  func checkModel(_ model: String?, weights: String?) throws {
    if model != nil && weights != nil {
      throw ValidationError("--model and --weights cannot be combined: use one")
    }
  }

  /// Built-in models state everything, so a variant needs a weights file.
  func checkVariant(_ variant: WeightsVariant, weights: String?) throws {
    if weights == nil && variant != WeightsVariant() {
      throw ValidationError("--variant goes with a weights file: give --weights, or leave it out")
    }
  }
}

/// Whether `size` is a valid longer side of the network's input; 0 stands for full size.
func isMaxSize(_ size: Int) -> Bool { size == 0 || (16...65_536).contains(size) }
