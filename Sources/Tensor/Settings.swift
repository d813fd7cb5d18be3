// The settings of a model's components: a tree of named values, as in a model file. Components read their own by name,
// so that a new one brings its settings along without changes elsewhere.

package enum Setting: Sendable, Equatable {
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([Setting])
  case group([String: Setting])
}

extension Setting: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([Setting].self) {
      self = .list(value)
    } else {
      self = .group(try container.decode([String: Setting].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let value): try container.encode(value)
    case .number(let value):
      // Whole numbers are written as they were read, without a fraction.
      if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .group(let value): try container.encode(value)
    }
  }
}

/// What is wrong with the settings; `path` says where, for instance `transformer.attention.kind`.
package enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(path: String)
  case wrongKind(path: String, expected: String)
  case outOfRange(path: String, value: Double, allowed: String)
  case unknown(path: String, value: String, known: [String])

  /// One line: what, where, and what is allowed.
  package var description: String {
    switch self {
    case .missing(let path): "the model's settings lack '\(path)'"
    case .wrongKind(let path, let expected): "the model's setting '\(path)' must be \(expected)"
    case .outOfRange(let path, let value, let allowed):
      "the model's setting '\(path)' is \(value), but must be \(allowed)"
    case .unknown(let path, let value, let known):
      "the model's setting '\(path)' is '\(value)', unknown to this version; known: "
        + known.joined(separator: ", ")
    }
  }
}

/// Read access to one group of settings; errors name the full path.
package struct Settings: Sendable, Equatable {
  package let values: [String: Setting]
  /// Path of the group in the model's settings, empty at the top.
  package let path: String

  package init(_ values: [String: Setting], path: String = "") {
    self.values = values
    self.path = path
  }

  /// A whole number in `range` (small enough that a product of a few extents cannot overflow).
  package func integer(_ name: String, in range: ClosedRange<Int> = 1...4096) throws -> Int {
    try integer(at(name), value(name), range)
  }

  package func integers(_ name: String, in range: ClosedRange<Int> = 1...4096) throws -> [Int] {
    try list(name).map { try integer(at(name), $0, range) }
  }

  package func number(_ name: String, in range: ClosedRange<Double>) throws -> Double {
    guard case .number(let number) = try value(name) else {
      throw SettingsError.wrongKind(path: at(name), expected: "a number")
    }
    guard range.contains(number) else {
      throw SettingsError.outOfRange(path: at(name), value: number, allowed: "\(range)")
    }
    return number
  }

  package func flag(_ name: String) throws -> Bool {
    guard case .flag(let flag) = try value(name) else {
      throw SettingsError.wrongKind(path: at(name), expected: "true or false")
    }
    return flag
  }

  package func text(_ name: String) throws -> String {
    guard case .text(let text) = try value(name) else {
      throw SettingsError.wrongKind(path: at(name), expected: "a text")
    }
    return text
  }

  package func texts(_ name: String) throws -> [String] {
    try list(name).map {
      guard case .text(let text) = $0 else {
        throw SettingsError.wrongKind(path: at(name), expected: "a list of texts")
      }
      return text
    }
  }

  package func group(_ name: String) throws -> Settings {
    guard case .group(let group) = try value(name) else {
      throw SettingsError.wrongKind(path: at(name), expected: "a group of settings")
    }
    return Settings(group, path: at(name))
  }

  package func optionalGroup(_ name: String) throws -> Settings? {
    values[name] == nil ? nil : try group(name)
  }

  /// The entry of `known` named by the setting `name`: how a component is chosen from its registry.
  package func choice<Component>(_ name: String, from known: [String: Component]) throws -> Component {
    let text = try text(name)
    guard let component = known[text] else {
      throw SettingsError.unknown(path: at(name), value: text, known: known.keys.sorted())
    }
    return component
  }

  /// The full path of a setting of this group.
  package func at(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private func value(_ name: String) throws -> Setting {
    guard let value = values[name] else { throw SettingsError.missing(path: at(name)) }
    return value
  }

  private func list(_ name: String) throws -> [Setting] {
    guard case .list(let list) = try value(name), list.count <= 256 else {
      throw SettingsError.wrongKind(path: at(name), expected: "a list of at most 256 values")
    }
    return list
  }

  private func integer(_ path: String, _ value: Setting, _ range: ClosedRange<Int>) throws -> Int {
    guard case .number(let number) = value, let integer = Int(exactly: number) else {
      throw SettingsError.wrongKind(path: path, expected: "a whole number")
    }
    guard range.contains(integer) else {
      throw SettingsError.outOfRange(path: path, value: number, allowed: "\(range)")
    }
    return integer
  }
}
