// What several commands refuse in the same words before any work starts.

import ArgumentParser
import Models
import Pipeline

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
