// Options that several commands share, and what these refuse in the same words before any work starts.

import ArgumentParser
import Models
import Pipeline

/// How to take weights that others publish.
struct VariantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What others' weights do not say of themselves, separated by commas: original or corrected (LoFTR's position \
      encoding), full or optimized (EfficientLoFTR's mode).
      """, valueName: "names"),
    transform: { try WeightsVariant(parsing: $0) })
  var variant = WeightsVariant()
}

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

extension ParsableArguments {
  /// Throws unless `--max-size` is 0 or a size that the network can see.
  func checkMaxSize(_ size: Int) throws {
    guard isMaxSize(size) else {
      throw ValidationError("--max-size \(size) is out of range: use 0 or 16 to 65536 pixels")
    }
  }

  /// Throws unless `--threads`, where given, is a number of threads.
  func checkThreads(_ threads: Int?) throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is out of range: use 1 to 1024")
    }
  }

  /// Throws unless `--inlier-threshold`, where given, is a distance in pixels.
  func checkInlierThreshold(_ threshold: Double?) throws {
    if let threshold, !(threshold > 0 && threshold <= 1e6) {
      throw ValidationError(
        "--inlier-threshold \(threshold) is out of range: use a positive number of pixels")
    }
  }

  /// Throws unless `--threshold` and `--max-matches`, where given, can be met.
  func checkMatches(threshold: Float?, most: Int?) throws {
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold \(threshold) is out of range: use 0 to 1")
    }
    if let most, most < 1 {
      throw ValidationError("--max-matches \(most) is out of range: use 1 or more")
    }
  }

  /// Throws where both `--model` and `--weights` are given.
  func checkModel(_ model: String?, weights: String?) throws {
    if model != nil && weights != nil {
      throw ValidationError("--model and --weights exclude each other: use one")
    }
  }

  /// Refuses a variant of a model that says all of itself.
  func checkVariant(_ variant: WeightsVariant, weights: String?) throws {
    if weights == nil && variant != WeightsVariant() {
      throw ValidationError("--variant goes with a weights file: give --weights, or leave it out")
    }
  }
}

/// Whether a network can see photos of that longer side; 0 stands for their own.
func isMaxSize(_ size: Int) -> Bool { size == 0 || (16...65_536).contains(size) }
