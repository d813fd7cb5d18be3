// What a foreign weights file does not say of itself: two networks may have the same tensors and differ in how they
// are used.

/// Choices that go with a foreign weights file; nil takes what the file's own facts suggest.
package struct WeightsVariant: Sendable, Equatable {
  /// LoFTR's position encoding.
  package enum PositionEncoding: String, Sendable, CaseIterable {
    /// As first published, with frequencies that fall too fast.
    case original
    /// The authors' `temp_bug_fix`.
    case corrected
  }

  /// How EfficientLoFTR finds coarse matches.
  package enum Mode: String, Sendable, CaseIterable {
    /// By dual-softmax.
    case full
    /// By the similarities as they are.
    case optimized
  }

  /// LoFTR's position encoding.
  package var positionEncoding: PositionEncoding?
  /// EfficientLoFTR's mode.
  package var mode: Mode?

  /// Nothing is chosen.
  package init() {}

  /// - Parameter text: choices by their names, separated by commas, as in `corrected`.
  /// - Throws: `ModelError.unknownVariant` for a name that is none, or a choice that is made twice.
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

  /// The names of all choices.
  package static var names: [String] {
    PositionEncoding.allCases.map(\.rawValue) + Mode.allCases.map(\.rawValue)
  }

  /// The choices made, by name.
  package var chosen: [String] { [positionEncoding?.rawValue, mode?.rawValue].compactMap { $0 } }
}
