/// Why a pickle is rejected. Offsets are in bytes from its start.
package enum PickleProblem: Error, Equatable, Sendable {
  case endsEarly(offset: Int)
  case trailingBytes(count: Int)
  case protocolVersion(UInt8)
  case noProtocol
  case operation(code: UInt8, offset: Int)
  case stackEmpty(offset: Int)
  case noMark(offset: Int)
  case memoEmpty(index: Int, offset: Int)
  case textNotUTF8(offset: Int)
  case wrongKind(expected: String, offset: Int)
  case arguments(of: String, offset: Int)
  case storageReference(offset: Int)
  case hostile(global: String, offset: Int)
  case tooComplex(limit: String)
}

extension PickleProblem: CustomStringConvertible {
  /// Follows the file's name.
  package var description: String {
    switch self {
    case .endsEarly(let offset): "its pickle is cut short (at byte \(offset))"
    case .trailingBytes(let count): "its pickle is followed by \(count) more bytes"
    case .protocolVersion(let version): "its pickle has protocol \(version); 2 to 5 are supported"
    case .noProtocol: "its pickle has protocol 0 or 1; 2 to 5 are supported"
    case .operation(let code, let offset):
      "its pickle has an operation that no weights need (0x\(String(code, radix: 16)) at byte \(offset))"
    case .stackEmpty(let offset): "its pickle pops an empty stack (at byte \(offset))"
    case .noMark(let offset): "its pickle closes a list it never opened (at byte \(offset))"
    case .memoEmpty(let index, let offset):
      "its pickle recalls value \(index), which it never stored (at byte \(offset))"
    case .textNotUTF8(let offset): "its pickle has a string that is not UTF-8 (at byte \(offset))"
    case .wrongKind(let expected, let offset):
      "its pickle lacks \(expected) where one is needed (at byte \(offset))"
    case .arguments(let function, let offset):
      "its pickle gives \(function) arguments that do not make a tensor (at byte \(offset))"
    case .storageReference(let offset): "its pickle has a malformed reference to data (at byte \(offset))"
    case .hostile(let global, let offset):
      "its pickle asks for \(printable(global)), which runs commands and has no place in weights "
        + "(at byte \(offset); nothing was run)"
    case .tooComplex(let limit): "its pickle has more than \(limit)"
    }
  }
}
