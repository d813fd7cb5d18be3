// The named tensors of a model, and the account of which of them its layers took.
//
// Layers ask for a tensor by name and shape while they are built. A name that is missing or a shape that differs
// is noted, and building goes on with zeros, so that `verify` can report all that does not fit at once, with the
// names that no layer asked for.

import Synchronization

/// Named tensors, seen from one scope (a dotted prefix) of a model.
package struct Parameters: Sendable {
  private let prefix: String
  private let ledger: Ledger

  /// - Parameter tensors: all of a model's tensors by their full names.
  package init(_ tensors: [String: Tensor]) {
    prefix = ""
    ledger = Ledger(tensors)
  }

  private init(prefix: String, ledger: Ledger) {
    self.prefix = prefix
    self.ledger = ledger
  }

  /// The tensors below `name`: `scope("backbone").scope("stem")` sees `backbone.stem.*`.
  package func scope(_ name: String) -> Parameters {
    Parameters(prefix: prefix + name + ".", ledger: ledger)
  }

  /// The tensor of that name below this scope. Where it is missing or has another shape, the fact is noted for
  /// `verify` and zeros of the wanted shape stand in.
  ///
  /// - Throws: `ParametersError.tooLarge` if the settings ask for a tensor beyond any model's size.
  package func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
    try ledger.take(prefix + name, shape)
  }

  /// True if a tensor of that name exists below this scope.
  package func contains(_ name: String) -> Bool { ledger.tensors[prefix + name] != nil }

  /// Call once all layers are built.
  ///
  /// - Throws: `ParametersError.mismatch` naming every missing, unused and wrongly shaped tensor.
  package func verify() throws { try ledger.verify() }
}

/// A tensor whose shape is not the one that the model's settings call for.
package struct ShapeMismatch: Equatable, Sendable {
  /// Full name of the tensor.
  package let name: String
  /// Shape that the settings call for.
  package let expected: [Int]
  /// Shape that the tensor has.
  package let found: [Int]
}

/// Why tensors do not make up the model that its settings describe.
package enum ParametersError: Error, Equatable, Sendable, CustomStringConvertible {
  case mismatch(missing: [String], unused: [String], shapes: [ShapeMismatch])
  case tooLarge(name: String, shape: [Int])

  /// One line that names the tensors, at most four of each kind.
  package var description: String {
    switch self {
    case .tooLarge(let name, let shape):
      return "the model's settings ask for a tensor '\(name)' of shape \(shape), more than this program loads"
    case .mismatch(let missing, let unused, let shapes):
      var parts: [String] = []
      if !missing.isEmpty { parts.append("\(missing.count) missing (\(Self.some(missing)))") }
      if !unused.isEmpty {
        parts.append("\(unused.count) that the model does not use (\(Self.some(unused)))")
      }
      if !shapes.isEmpty {
        let texts = shapes.map { "\($0.name): expected \($0.expected), found \($0.found)" }
        parts.append("\(shapes.count) of another shape (\(Self.some(texts)))")
      }
      return "the tensors do not fit the model's settings: " + parts.joined(separator: "; ")
    }
  }

  private static func some(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", ..." : "")
  }
}

/// The tensors and what became of them, shared by all scopes.
private final class Ledger: Sendable {
  let tensors: [String: Tensor]
  private let state = Mutex(State())

  private struct State {
    var taken: Set<String> = []
    var missing: [String] = []
    var shapes: [ShapeMismatch] = []
    var standInElements = 0
  }

  /// No tensor of a matcher comes near this many elements (256 MB); a hostile file's settings may. All zeros that
  /// stand in for tensors together stay below it too.
  private static let largestTensor = 1 << 26

  init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  func take(_ name: String, _ shape: [Int]) throws -> Tensor {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Self.largestTensor else {
        throw ParametersError.tooLarge(name: name, shape: shape)
      }
      count = product
    }
    let tensor = tensors[name]
    let affordable = state.withLock { state in
      if let tensor {
        state.taken.insert(name)
        if tensor.shape != shape {
          state.shapes.append(ShapeMismatch(name: name, expected: shape, found: tensor.shape))
        }
      } else {
        state.missing.append(name)
      }
      if tensor?.shape != shape { state.standInElements += count }
      return state.standInElements <= Self.largestTensor
    }
    if let tensor, tensor.shape == shape { return tensor }
    guard affordable else { throw ParametersError.tooLarge(name: name, shape: shape) }
    return Tensor(shape, repeating: 0)
  }

  func verify() throws {
    let (missing, shapes, unused) = state.withLock { state in
      (state.missing, state.shapes, tensors.keys.filter { !state.taken.contains($0) }.sorted())
    }
    guard missing.isEmpty, shapes.isEmpty, unused.isEmpty else {
      throw ParametersError.mismatch(missing: missing.sorted(), unused: unused, shapes: shapes)
    }
  }
}
