// What third-party weights do not record: two networks may have the same tensors but use them differently.

/// Choices for third-party weights; nil takes what the file suggests.
package struct WeightsVariant: Sendable, Equatable {
  package enum PositionEncoding: String, Sendable, CaseIterable {
    /// As first published, with frequencies that fall too fast.
    case original
    /// The authors' `temp_bug_fix`.
    case corrected
  }

  /// EfficientLoFTR's coarse matching.
  package enum Mode: String, Sendable, CaseIterable {
    /// Dual-softmax.
    case full
    /// Raw similarities.
    case optimized
  }

  /// LoFTR's.
  package var positionEncoding: PositionEncoding?
  /// EfficientLoFTR's.
  package var mode: Mode?

  package init() {}

  /// `text` lists choices by name, separated by commas. Throws `ModelError.unknownVariant` for an unknown name or a
  /// choice made twice.
  package init(parsing text: String) throws {
    for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      if let encoding = PositionEncoding(rawValue: word), positionEncoding == nil {
        positionEncoding = encoding
      } else if let mode = Mode(rawValue: word), self.mode == nil {
        self.mode = mode
      } else {
        throw ModelError.unknownVariant(text: text, known: Self.names)
      }
    }
  }

  package static var names: [String] {
    PositionEncoding.allCases.map(\.rawValue) + Mode.allCases.map(\.rawValue)
  }

  package var chosen: [String] { [positionEncoding?.rawValue, mode?.rawValue].compactMap { $0 } }
}
