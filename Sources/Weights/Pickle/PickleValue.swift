// What a pickle describes. Objects lie in one array and refer to each other by index, so that neither depth nor
// cycles cost stack, and taking it all apart needs no recursion.

/// A value: plain, or an object by its place in the heap.
enum PickleValue: Equatable, Sendable {
  case none
  case flag(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case object(Int)
}

/// An object.
enum PickleObject: Sendable {
  /// A list, or a set in the order of its pickle.
  case list([PickleValue])
  case tuple([PickleValue])
  /// A dictionary as its pickle lists it; a name may come twice.
  case dictionary([(key: PickleValue, value: PickleValue)])
  /// A class or function, named and never looked up.
  case global(PickleGlobal)
  /// The run of numbers that tensors view.
  case storage(StorageReference)
  case tensor(TensorView)
  /// What a global made that this reader does not know; its state is not kept.
  case instance(of: PickleGlobal)
  /// Bytes and integers beyond 64 bits, which no weights need.
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

/// A pickle that has been read to its end.
struct PickleDocument: Sendable {
  /// The value that it stands for.
  let root: PickleValue
  let objects: [PickleObject]

  /// The object that `value` refers to, or nil for a plain value.
  func object(_ value: PickleValue) -> PickleObject? {
    guard case .object(let index) = value else { return nil }
    return objects[index]
  }

  /// The items if `value` is a dictionary.
  func dictionary(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let items)? = object(value) else { return nil }
    return items
  }
}
