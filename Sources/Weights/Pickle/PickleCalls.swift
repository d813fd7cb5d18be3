extension PickleReader {
  /// Throws `PickleProblem.hostile` for what runs commands or code: harmless here, but not in Python, so whoever holds
  /// such a file should know.
  func global(module: String, name: String) throws(PickleProblem) -> PickleGlobal {
    guard module.utf8.count <= Self.maximumGlobal, name.utf8.count <= Self.maximumGlobal else {
      throw .tooComplex(limit: "\(Self.maximumGlobal) bytes in the name of a class")
    }
    let global = PickleGlobal(module: module, name: name)
    let isBuiltIn = module == "builtins" || module == "__builtin__"
    let end = module.utf8.firstIndex(of: UInt8(ascii: ".")) ?? module.endIndex
    if isBuiltIn && hostileBuiltIns.contains(name) || hostileModules.contains(String(module[..<end])) {
      throw .hostile(global: global.description, offset: start)
    }
    return global
  }

  /// The global that `value` is or was made by.
  func callee(_ value: PickleValue) throws(PickleProblem) -> PickleGlobal {
    if case .object(let index) = value {
      switch objects[index] {
      case .global(let global), .instance(of: let global): return global
      default: break
      }
    }
    throw .wrongKind(expected: "a class or function", offset: start)
  }

  /// The result of calling `function` with the tuple `arguments`, for the few functions that PyTorch's checkpoints use
  /// (torch/_utils.py, torch/_tensor.py, torch/serialization.py); an inert instance for any other.
  mutating func called(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(PickleProblem) -> PickleValue {
    let global = try callee(function)
    guard case .object(let index) = arguments, case .tuple(let values) = objects[index] else {
      throw .wrongKind(expected: "a tuple of arguments", offset: start)
    }
    // Tensors never call the result of a call, such as a decorated function.
    guard case .object(let place) = function, case .global = objects[place] else {
      return try stored(.instance(of: global))
    }
    switch (global.module, global.name) {
    case ("torch._tensor", "_rebuild_from_type_v2"):
      // (function, type, arguments, state): a tensor with attributes.
      guard values.count == 4, let inner = try tensor(try callee(values[0]), try items(values[2])) else {
        throw .arguments(of: global.description, offset: start)
      }
      return inner
    case ("collections", "OrderedDict"): return try stored(.dictionary(try ordered(values)))
    case ("torch", "Size"):
      guard values.count == 1 else { throw .arguments(of: global.description, offset: start) }
      return try stored(.tuple(try items(values[0])))
    default:
      if let tensor = try tensor(global, values) { return tensor }
      return try stored(.instance(of: global))
    }
  }

  /// Accepts objects whose state does not matter; a tensor has no state beyond its storage.
  func checkTakesState(_ value: PickleValue) throws(PickleProblem) {
    guard case .object(let index) = value else {
      throw .wrongKind(expected: "an object that takes a state", offset: start)
    }
    switch objects[index] {
    case .dictionary, .instance, .list: return
    default: throw .wrongKind(expected: "an object that takes a state", offset: start)
    }
  }

  /// ("storage", class, key, device, count).
  func storage(_ identifier: PickleValue) throws(PickleProblem) -> StorageReference {
    let values = try items(identifier)
    guard values.count == 5, values[0] == .text("storage"), case .object(let index) = values[1],
      case .global(let global) = objects[index], case .text(let key) = values[2],
      case .text = values[3], case .integer(let count) = values[4], count >= 0
    else { throw .storageReference(offset: start) }
    guard let type = StorageType(storage: global) else { throw .storageReference(offset: start) }
    return StorageReference(key: key, type: type, count: count)
  }

  /// The tensor made by one of PyTorch's functions; nil for any other function.
  private mutating func tensor(
    _ function: PickleGlobal, _ values: [PickleValue]
  ) throws(PickleProblem) -> PickleValue? {
    guard function.module == "torch._utils" else { return nil }
    let malformed = PickleProblem.arguments(of: function.description, offset: start)
    switch function.name {
    case "_rebuild_tensor", "_rebuild_tensor_v2":
      // (storage, offset, shape, strides, requires_grad, hooks, metadata); the first form takes four.
      guard function.name == "_rebuild_tensor" ? values.count == 4 : 6...7 ~= values.count else {
        throw malformed
      }
      return try stored(.tensor(try view(values, type: nil, malformed)))
    case "_rebuild_tensor_v3":
      // The same with the element type after the hooks, on an untyped storage.
      guard 7...8 ~= values.count, case .object(let index) = values[6],
        case .global(let global) = objects[index], let type = StorageType(dtype: global)
      else { throw malformed }
      return try stored(.tensor(try view(values, type: type, malformed)))
    case "_rebuild_parameter", "_rebuild_parameter_with_state":
      // (tensor, requires_grad, hooks) and perhaps a state.
      guard values.count == (function.name == "_rebuild_parameter" ? 3 : 4),
        case .object(let index) = values[0], case .tensor = objects[index]
      else { throw malformed }
      return values[0]
    default: return nil
    }
  }

  private func view(
    _ values: [PickleValue], type: StorageType?, _ malformed: PickleProblem
  ) throws(PickleProblem) -> TensorView {
    guard case .object(let index) = values[0], case .storage(let storage) = objects[index],
      type == nil || storage.type == .untyped, case .integer(let offset) = values[1]
    else { throw malformed }
    return TensorView(
      storage: storage, type: type ?? storage.type, offset: offset,
      shape: try integers(values[2], malformed), strides: try integers(values[3], malformed))
  }

  private func integers(_ value: PickleValue, _ malformed: PickleProblem) throws(PickleProblem) -> [Int] {
    var integers: [Int] = []
    for item in try items(value) {
      guard case .integer(let integer) = item else { throw malformed }
      integers.append(integer)
    }
    return integers
  }

  /// OrderedDict's arguments: nothing, or a list of pairs.
  private func ordered(
    _ arguments: [PickleValue]
  ) throws(PickleProblem) -> [(key: PickleValue, value: PickleValue)] {
    guard arguments.count <= 1 else {
      throw .arguments(of: "collections.OrderedDict", offset: start)
    }
    guard let list = arguments.first else { return [] }
    var pairs: [(key: PickleValue, value: PickleValue)] = []
    for item in try items(list) {
      let pair = try items(item)
      guard pair.count == 2 else { throw .arguments(of: "collections.OrderedDict", offset: start) }
      pairs.append((pair[0], pair[1]))
    }
    return pairs
  }

  /// The items of a tuple or list.
  private func items(_ value: PickleValue) throws(PickleProblem) -> [PickleValue] {
    if case .object(let index) = value {
      switch objects[index] {
      case .tuple(let values), .list(let values): return values
      default: break
      }
    }
    throw .wrongKind(expected: "a tuple", offset: start)
  }
}

/// Top-level modules that start programs, run code or access files.
private let hostileModules: Set<String> = [
  "os", "posix", "nt", "subprocess", "sys", "pty", "socket", "shutil", "runpy", "importlib", "ctypes",
  "commands", "popen2", "webbrowser", "code", "pdb", "timeit",
]

/// Built-in functions that do so.
private let hostileBuiltIns: Set<String> = [
  "eval", "exec", "execfile", "compile", "open", "__import__", "breakpoint", "input", "globals", "vars",
]
