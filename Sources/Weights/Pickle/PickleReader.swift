/// Reads pickles of protocols 2 to 5 as descriptions: nothing is ever imported, called or executed.
///
/// The machine is that of Python's Lib/pickle.py: a stack, marks in it, and a memo. A global is just a name. Calling
/// it makes a tensor, dictionary or shape if it is one of the few that PyTorch's checkpoints need (`called`), else an
/// inert instance that swallows whatever is put into it. Every loop is over the file's bytes, and limits on values and
/// objects bound the memory, whatever the memo is used for.
struct PickleReader {
  /// Bytes of a pickle; a checkpoint's weights lie outside it.
  static let maximumCount = 1 << 25
  /// On the stack and in containers.
  static let maximumValues = 2_000_000
  static let maximumObjects = 500_000
  static let maximumMemo = 1_000_000
  /// Open marks, that is, nested containers being filled.
  static let maximumDepth = 1_000
  /// Bytes of a global's module, and of its name.
  static let maximumGlobal = 256

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  /// Offset of the current operation.
  private(set) var start = 0
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private(set) var objects: [PickleObject] = []
  private var containedValues = 0

  static func read(_ bytes: UnsafeRawBufferPointer) throws(PickleProblem) -> PickleDocument {
    guard bytes.count <= maximumCount else { throw .tooComplex(limit: "\(maximumCount) bytes") }
    var reader = PickleReader(bytes: bytes)
    guard try reader.byte() == PickleOpcode.proto.rawValue else { throw .noProtocol }
    let version = try reader.byte()
    guard (2...5).contains(version) else { throw .protocolVersion(version) }
    let root = try reader.run()
    guard reader.position == bytes.count else { throw .trailingBytes(count: bytes.count - reader.position) }
    return PickleDocument(root: root, objects: reader.objects)
  }

  private mutating func run() throws(PickleProblem) -> PickleValue {
    while true {
      start = position
      let code = try byte()
      guard let operation = PickleOpcode(rawValue: code) else { throw .operation(code: code, offset: start) }
      if operation == .stop { return try pop() }
      try perform(operation)
      guard stack.count + containedValues <= Self.maximumValues else {
        throw .tooComplex(limit: "\(Self.maximumValues) values")
      }
    }
  }

  private mutating func perform(_ operation: PickleOpcode) throws(PickleProblem) {
    switch operation {
    case .proto: _ = try byte()
    case .frame: _ = try integer(UInt64.self)
    case .stop: break
    case .mark:
      guard marks.count < Self.maximumDepth else { throw .tooComplex(limit: "\(Self.maximumDepth) levels") }
      marks.append(stack.count)
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .duplicate: stack.append(try top())
    case .binPut: try memorize(Int(try byte()))
    case .longBinPut: try memorize(Int(try integer(UInt32.self)))
    case .memoize: try memorize(memo.count)
    case .binGet: try recall(Int(try byte()))
    case .longBinGet: try recall(Int(try integer(UInt32.self)))
    case .none, .newTrue, .newFalse, .binInt, .binInt1, .binInt2, .long1, .long4, .binFloat, .binString,
      .shortBinString, .binUnicode, .shortBinUnicode, .binUnicode8, .binBytes, .shortBinBytes, .binBytes8,
      .byteArray8:
      try plain(operation)
    case .emptyTuple, .tuple1, .tuple2, .tuple3, .tuple, .emptyList, .list, .append, .appends, .emptyDict,
      .dict, .setItem, .setItems, .emptySet, .addItems, .frozenSet:
      try container(operation)
    case .global: try push(.global(try global(module: line(), name: line())))
    case .stackGlobal:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw .wrongKind(expected: "the name of a class", offset: start)
      }
      try push(.global(try global(module: module, name: name)))
    case .reduce, .newObject:
      let arguments = try pop()
      stack.append(try called(try pop(), arguments))
    case .newObjectEx:
      // Keyword arguments: tensors are not made with any.
      _ = try (pop(), pop())
      try push(.instance(of: try callee(try pop())))
    case .build:
      _ = try pop()
      try checkTakesState(try top())
    case .binPersistentID: try push(.storage(try storage(try pop())))
    }
  }

  // MARK: plain values

  private mutating func plain(_ operation: PickleOpcode) throws(PickleProblem) {
    switch operation {
    case .none: stack.append(.none)
    case .newTrue: stack.append(.flag(true))
    case .newFalse: stack.append(.flag(false))
    case .binInt: stack.append(.integer(Int(Int32(bitPattern: try integer(UInt32.self)))))
    case .binInt1: stack.append(.integer(Int(try byte())))
    case .binInt2: stack.append(.integer(Int(try integer(UInt16.self))))
    case .long1: try long(count: Int(try byte()))
    case .long4: try long(count: Int(try integer(UInt32.self)))
    case .binFloat: stack.append(.real(Double(bitPattern: try integer(UInt64.self).byteSwapped)))
    case .shortBinUnicode, .shortBinString: try text(count: UInt64(try byte()))
    case .binUnicode, .binString: try text(count: UInt64(try integer(UInt32.self)))
    case .binUnicode8: try text(count: try integer(UInt64.self))
    case .shortBinBytes: try unread(count: UInt64(try byte()))
    case .binBytes: try unread(count: UInt64(try integer(UInt32.self)))
    default: try unread(count: try integer(UInt64.self))
    }
  }

  /// A little-endian two's complement integer of any length.
  private mutating func long(count: Int) throws(PickleProblem) {
    let bytes = try take(UInt64(count))
    guard count <= 8 else { return try push(.unread) }
    let negative = bytes.last.map { $0 >= 0x80 } ?? false
    let number = bytes.reversed().reduce(negative ? -1 : 0) { $0 << 8 | Int($1) }
    stack.append(.integer(number))
  }

  private mutating func text(count: UInt64) throws(PickleProblem) {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw .textNotUTF8(offset: start)
    }
    stack.append(.text(text))
  }

  private mutating func unread(count: UInt64) throws(PickleProblem) {
    _ = try take(count)
    try push(.unread)
  }

  // MARK: containers

  private mutating func container(_ operation: PickleOpcode) throws(PickleProblem) {
    switch operation {
    case .emptyTuple: try push(.tuple([]))
    case .tuple1: try push(.tuple(try pop(1)))
    case .tuple2: try push(.tuple(try pop(2)))
    case .tuple3: try push(.tuple(try pop(3)))
    case .tuple: try push(.tuple(try popToMark()))
    case .emptyList, .emptySet: try push(.list([]))
    case .list, .frozenSet: try push(.list(try popToMark()))
    case .append: try append(try pop(1))
    case .appends, .addItems: try append(try popToMark())
    case .emptyDict: try push(.dictionary([]))
    case .dict: try push(.dictionary(try pairs(try popToMark())))
    case .setItem: try set(try pairs(try pop(2)))
    default: try set(try pairs(try popToMark()))
    }
  }

  private func pairs(
    _ values: [PickleValue]
  ) throws(PickleProblem) -> [(key: PickleValue, value: PickleValue)] {
    guard values.count.isMultiple(of: 2) else {
      throw .wrongKind(expected: "a value for each key", offset: start)
    }
    return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
  }

  /// Appends to the list on top of the stack.
  private mutating func append(_ values: [PickleValue]) throws(PickleProblem) {
    let index = try topObject("a list")
    switch objects[index] {
    case .list(var list):
      objects[index] = .unread  // avoids copying the list
      list += values
      objects[index] = .list(list)
      containedValues += values.count
    case .instance: break
    default: throw .wrongKind(expected: "a list", offset: start)
    }
  }

  /// Adds pairs to the dictionary on top of the stack.
  private mutating func set(_ items: [(key: PickleValue, value: PickleValue)]) throws(PickleProblem) {
    let index = try topObject("a dictionary")
    switch objects[index] {
    case .dictionary(var dictionary):
      objects[index] = .unread
      dictionary += items
      objects[index] = .dictionary(dictionary)
      containedValues += 2 * items.count
    case .instance: break
    default: throw .wrongKind(expected: "a dictionary", offset: start)
    }
  }

  private func topObject(_ kind: String) throws(PickleProblem) -> Int {
    guard case .object(let index) = try top() else { throw .wrongKind(expected: kind, offset: start) }
    return index
  }

  // MARK: stack and memo

  private mutating func push(_ object: PickleObject) throws(PickleProblem) {
    stack.append(try stored(object))
  }

  /// Adds an object, counting it against the limits.
  mutating func stored(_ object: PickleObject) throws(PickleProblem) -> PickleValue {
    guard objects.count < Self.maximumObjects else {
      throw .tooComplex(limit: "\(Self.maximumObjects) objects")
    }
    switch object {
    case .list(let values), .tuple(let values): containedValues += values.count
    case .dictionary(let items): containedValues += 2 * items.count
    case .tensor(let view): containedValues += view.shape.count + view.strides.count
    case .global, .storage, .instance, .unread: break
    }
    objects.append(object)
    return .object(objects.count - 1)
  }

  private func top() throws(PickleProblem) -> PickleValue {
    // Values below an open mark cannot be popped.
    guard let value = stack.last, stack.count > marks.last ?? 0 else { throw .stackEmpty(offset: start) }
    return value
  }

  private mutating func pop() throws(PickleProblem) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws(PickleProblem) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw .stackEmpty(offset: start) }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(PickleProblem) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw .noMark(offset: start) }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func memorize(_ index: Int) throws(PickleProblem) {
    memo[index] = try top()
    guard memo.count <= Self.maximumMemo else {
      throw .tooComplex(limit: "\(Self.maximumMemo) stored values")
    }
  }

  private mutating func recall(_ index: Int) throws(PickleProblem) {
    guard let value = memo[index] else { throw .memoEmpty(index: index, offset: start) }
    stack.append(value)
  }

  // MARK: bytes

  private mutating func byte() throws(PickleProblem) -> UInt8 { try integer(UInt8.self) }

  private mutating func integer<Integer: FixedWidthInteger>(
    _ type: Integer.Type
  ) throws(PickleProblem) -> Integer {
    let bytes = try take(UInt64(MemoryLayout<Integer>.size))
    return Integer(littleEndian: bytes.loadUnaligned(as: Integer.self))
  }

  private mutating func take(_ count: UInt64) throws(PickleProblem) -> UnsafeRawBufferPointer {
    guard count <= UInt64(bytes.count - position) else { throw .endsEarly(offset: start) }
    defer { position += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
  }

  /// The text up to the next line feed.
  private mutating func line() throws(PickleProblem) -> String {
    let rest = bytes[position...].prefix(Self.maximumGlobal + 1)
    guard let end = rest.firstIndex(of: 0x0A) else {
      if rest.count <= Self.maximumGlobal { throw .endsEarly(offset: start) }
      throw .tooComplex(limit: "\(Self.maximumGlobal) bytes in the name of a class")
    }
    guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
      throw .textNotUTF8(offset: start)
    }
    position = end + 1
    return text
  }
}
