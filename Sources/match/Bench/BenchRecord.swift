// The JSON of `match bench`: what was measured, on what, and every time. Described in docs/performance.md.

import Export

/// A measurement with all that is needed to repeat it.
struct BenchRecord: Codable, Equatable {
  /// The kind and version of this record.
  private(set) var format = "match-bench/1"
  /// The version of the program.
  let version: String
  /// The processor's name.
  let machine: String
  /// Threads used.
  let threads: Int
  /// The model.
  let model: ModelRecord
  /// The pictures and the sizes at which the network saw them.
  let images: [ImageRecord]
  /// Repeats after the warm-up.
  let repeats: Int
  /// Reading the model, once, wall-clock seconds.
  let modelSeconds: Double
  /// The stages of one pair in the order in which they ran.
  let stages: [StageSamples]
  /// A pair from the files' bytes to its geometry.
  let total: StageSamples
  /// Matches found in the pair.
  let matches: Int
  /// Largest resident size of the process, bytes.
  let peakBytes: Int
}
