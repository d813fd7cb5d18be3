// The named tensors of a model, and which of them its layers took.
//
// While they are built, layers ask for tensors by name and shape. Missing and misshapen tensors are noted and replaced
// by zeros, so that `verify` can report everything that does not fit at once, unused tensors included.

import Synchronization

/// Named tensors, seen from one scope (a dotted prefix) of a model.
package struct Parameters: Sendable {
  private let prefix: String
  private let ledger: Ledger

  /// `tensors` are all tensors of the model by full name.
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

  /// The tensor of that name below this scope, or zeros for `verify` to complain about.
  ///
  /// - Throws: `ParametersError.tooLarge` if the settings ask for a tensor larger than any model's.
  package func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
    try ledger.take(prefix + name, shape)
  }

  package func contains(_ name: String) -> Bool { ledger.tensors[prefix + name] != nil }

  /// Call once all layers are built. Throws `ParametersError.mismatch` with every missing, unused or misshapen tensor.
  package func verify() throws { try ledger.verify() }
}

package struct ShapeMismatch: Equatable, Sendable {
  package let name: String
  package let expected: [Int]
  package let found: [Int]
}

/// Why the tensors do not fit the model's settings.
package enum ParametersError: Error, Equatable, Sendable, CustomStringConvertible {
  case mismatch(missing: [String], unused: [String], shapes: [ShapeMismatch])
  case tooLarge(name: String, shape: [Int])

  /// One line that names at most four tensors of each kind.
  package var description: String {
    switch self {
    case .tooLarge(let name, let shape):
      return "the model's settings ask for a tensor '\(name)' of shape \(shape), too large for this program"
    case .mismatch(let missing, let unused, let shapes):
      var parts: [String] = []
      if !missing.isEmpty { parts.append("\(missing.count) missing (\(Self.some(missing)))") }
      if !unused.isEmpty {
        parts.append("\(unused.count) unused (\(Self.some(unused)))")
      }
      if !shapes.isEmpty {
        let texts = shapes.map { "\($0.name): expected \($0.expected), found \($0.found)" }
        parts.append("\(shapes.count) of wrong shape (\(Self.some(texts)))")
      }
      return "the tensors do not fit the model's settings: " + parts.joined(separator: "; ")
    }
  }

  private static func some(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", ..." : "")
  }
}

/// The tensors and which of them were taken, shared by all scopes.
private final class Ledger: Sendable {
  let tensors: [String: Tensor]
  private let state = Mutex(State())

  private struct State {
    var taken: Set<String> = []
    var missing: [String] = []
    var shapes: [ShapeMismatch] = []
    var standInElements = 0
  }

  /// 256 MB: no tensor of a matcher comes near, but the settings of a hostile file may. Also limits the stand-in zeros
  /// in total.
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
