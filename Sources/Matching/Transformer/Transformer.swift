// The transformer: alternating self- and cross-attention layers over the tokens of both images (LoFTR, Sun et al.
// 2021, section 3.2). Used on the coarse maps, and on windows by LoFTR's fine stage.

import Tensor

/// How a cross-attention layer updates the two images.
package enum CrossUpdate: String, Sendable, CaseIterable {
  /// The second image attends to the first one's updated tokens (LoFTR).
  case sequential
  /// Both attend to the other's tokens before the update.
  case simultaneous
}

/// A stack of attention layers that share their weights between the images.
package struct Transformer: Sendable {
  private let layers: [(role: AttentionRole, attention: any AttentionLayer)]
  private let crossUpdate: CrossUpdate
  package let channels: Int
  /// The sides of a token grid must be multiples of this.
  package let gridMultiple: Int

  /// Settings: `channels`, `heads`, `layers` (a list of `self` and `cross`), `crossUpdate`, `attention`.
  /// Tensors: layers.N for the N-th entry of the list.
  package init(_ settings: Settings, from parameters: Parameters) throws {
    let channels = try settings.integer("channels")
    self.channels = channels
    let heads = try settings.integer("heads", in: 1...64)
    guard channels % heads == 0 else {
      throw SettingsError.outOfRange(
        path: settings.at("heads"), value: Double(heads), allowed: "a divisor of \(channels) channels")
    }
    let updates = Dictionary(uniqueKeysWithValues: CrossUpdate.allCases.map { ($0.rawValue, $0) })
    crossUpdate = try settings.choice("crossUpdate", from: updates)
    let attention = try settings.group("attention")
    let kind = try attention.choice("kind", from: attentionLayers)
    layers = try settings.texts("layers").enumerated().map { index, text in
      guard let role = AttentionRole(rawValue: text) else {
        throw SettingsError.unknown(
          path: settings.at("layers"), value: text, known: AttentionRole.allCases.map(\.rawValue))
      }
      let scope = parameters.scope("layers").scope("\(index)")
      return (
        role, try kind.init(role: role, channels: channels, heads: heads, settings: attention, from: scope)
      )
    }
    gridMultiple = layers.map(\.attention.gridMultiple).max() ?? 1
  }

  package var depth: Int { layers.count }

  /// Tokens are [sequences, height, width, channels].
  package func callAsFunction(
    _ first: Tensor, _ second: Tensor, on compute: Compute
  ) -> (first: Tensor, second: Tensor) {
    (0..<depth).reduce((first, second)) { tokens, index in
      layer(index, tokens.0, tokens.1, on: compute)
    }
  }

  package func layer(
    _ index: Int, _ first: Tensor, _ second: Tensor, on compute: Compute
  ) -> (first: Tensor, second: Tensor) {
    let (role, attention) = layers[index]
    switch role {
    case .self:
      return (
        attention(first, attendingTo: first, on: compute), attention(second, attendingTo: second, on: compute)
      )
    case .cross:
      let updated = attention(first, attendingTo: second, on: compute)
      let other = crossUpdate == .sequential ? updated : first
      return (updated, attention(second, attendingTo: other, on: compute))
    }
  }
}
