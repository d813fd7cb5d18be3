/// A plain value, or an object by its index. Objects lie in one array and refer to each other by index, so that neither
/// nesting nor cycles cost stack, and releasing them needs no recursion.
enum PickleValue: Equatable, Sendable {
  case none
  case flag(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case object(Int)
}

enum PickleObject: Sendable {
  /// A list, or a set in pickle order.
  case list([PickleValue])
  case tuple([PickleValue])
  /// In pickle order; keys may repeat.
  case dictionary([(key: PickleValue, value: PickleValue)])
  /// A class or function, never looked up.
  case global(PickleGlobal)
  case storage(StorageReference)
  case tensor(TensorView)
  /// Made by an unknown global; its state is not kept.
  case instance(of: PickleGlobal)
  /// Bytes and integers beyond 64 bits, which weights never need.
  case unread
}

/// A name that a pickle imports.
final class PickleGlobal: Sendable, CustomStringConvertible {
  let module: String
  let name: String

  init(module: String, name: String) {
    self.module = module
    self.name = name
  }

  var description: String { "\(module).\(name)" }
}

struct PickleDocument: Sendable {
  let root: PickleValue
  let objects: [PickleObject]

  /// nil for a plain value.
  func object(_ value: PickleValue) -> PickleObject? {
    guard case .object(let index) = value else { return nil }
    return objects[index]
  }

  /// nil if `value` is not a dictionary.
  func dictionary(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let items)? = object(value) else { return nil }
    return items
  }
}
