// Zip archives and pickles for the tests, put together byte by byte so that they can be wrong in every way.

import CZlib
import Files

@testable import Weights

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// One member, with what its headers claim.
struct TestMember {
  var name: [UInt8]
  var data: [UInt8]
  var method: UInt16 = 0
  var flags: UInt16 = 0
  var checksum: UInt32
  /// What the list of members claims.
  var storedCount: UInt32
  var count: UInt32
  var extra: [UInt8] = []
  var disk: UInt16 = 0
  /// The local header, where it differs.
  var localName: [UInt8]?
  var localSignature: UInt32 = 0x0403_4B50
  /// Where the list of members says that it lies, if elsewhere.
  var offset: UInt32?

  init(_ name: String, _ data: [UInt8]) {
    self.name = Array(name.utf8)
    self.data = data
    checksum = CRC32.checksum(data)
    (storedCount, count) = (UInt32(data.count), UInt32(data.count))
  }

  /// The same content deflated.
  var deflated: TestMember {
    var size = compressBound(UInt(data.count))
    let packed = [UInt8](unsafeUninitializedCapacity: Int(size)) { target, filled in
      compress2(target.baseAddress, &size, data, UInt(data.count), 9)
      filled = Int(size)
    }
    var member = self
    member.data = Array(packed[2..<packed.count - 4])  // without zlib's header and checksum
    member.method = 8
    member.storedCount = UInt32(member.data.count)
    return member
  }
}

/// An archive of `members`, with an end record that may be changed.
func zip(
  _ members: [TestMember], wide: Bool = false, count: UInt16? = nil, shift: UInt32 = 0, tail: [UInt8] = []
) -> [UInt8] {
  var (bytes, list) = ([UInt8](), [UInt8]())
  for member in members {
    let offset = member.offset ?? UInt32(bytes.count)
    let name = member.localName ?? member.name
    bytes += littleEndian(member.localSignature) + littleEndian(UInt16(20)) + littleEndian(member.flags)
    bytes += littleEndian(member.method) + [0, 0, 0, 0] + littleEndian(member.checksum)
    bytes += littleEndian(member.storedCount) + littleEndian(member.count)
    bytes += littleEndian(UInt16(name.count)) + [0, 0] + name + member.data
    list += littleEndian(UInt32(0x0201_4B50)) + [20, 0, 20, 0] + littleEndian(member.flags)
    list += littleEndian(member.method) + [0, 0, 0, 0] + littleEndian(member.checksum)
    list += littleEndian(member.storedCount) + littleEndian(member.count)
    list += littleEndian(UInt16(member.name.count)) + littleEndian(UInt16(member.extra.count)) + [0, 0]
    list +=
      littleEndian(member.disk) + [0, 0, 0, 0, 0, 0] + littleEndian(offset) + member.name + member.extra
  }
  let start = bytes.count
  bytes += list
  let total = count ?? UInt16(members.count)
  if wide {
    let record = bytes.count
    bytes += littleEndian(UInt32(0x0606_4B50)) + littleEndian(UInt64(44)) + [45, 0, 45, 0]
    bytes += littleEndian(UInt64(0)) + littleEndian(UInt64(total)) + littleEndian(UInt64(total))
    bytes += littleEndian(UInt64(list.count)) + littleEndian(UInt64(start))
    bytes += littleEndian(UInt32(0x0706_4B50)) + [0, 0, 0, 0] + littleEndian(UInt64(record)) + [1, 0, 0, 0]
  }
  bytes += [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
  bytes += littleEndian(wide ? .max : total) + littleEndian(wide ? .max : total)
  bytes += littleEndian(wide ? .max : UInt32(list.count))
  bytes += littleEndian(wide ? .max : UInt32(start) &+ shift) + [0, 0]
  return bytes + tail
}

func archive(_ bytes: [UInt8]) throws(WeightsError) -> ZipArchive {
  try ZipArchive(MemorySource(name: source, bytes: bytes))
}

/// A checkpoint of that pickle and those storages.
func checkpoint(_ pickle: [UInt8], _ storages: [(String, [UInt8])] = []) -> [UInt8] {
  zip([TestMember("a/data.pkl", pickle)] + storages.map { TestMember("a/data/\($0.0)", $0.1) })
}

/// Pieces of pickles.
enum Pickled {
  static let head: [UInt8] = [0x80, 2]
  static let stop: [UInt8] = [0x2E]

  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  static func text(_ text: String) -> [UInt8] {
    [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] {
    value == Int(UInt8(truncatingIfNeeded: value))
      ? [0x4B, UInt8(value)] : [0x8A, 8] + littleEndian(Int64(value))
  }

  static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.joined() + [0x74] }

  static func integers(_ values: [Int]) -> [UInt8] { tuple(values.map(integer)) }

  static func call(_ function: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] {
    function + tuple(arguments) + [0x52]
  }

  static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
    [0x7D, 0x28] + items.flatMap { text($0.0) + $0.1 } + [0x75]
  }

  static func storage(_ key: String = "0", type: String = "FloatStorage", count: Int) -> [UInt8] {
    tuple([text("storage"), global("torch", type), text(key), text("cpu"), integer(count)]) + [0x51]
  }

  static func tensor(
    _ shape: [Int], _ strides: [Int], offset: Int = 0, count: Int, key: String = "0",
    type: String = "FloatStorage"
  ) -> [UInt8] {
    call(
      global("torch._utils", "_rebuild_tensor_v2"),
      [
        storage(key, type: type, count: count), integer(offset), integers(shape), integers(strides), [0x89],
        call(global("collections", "OrderedDict"), []),
      ])
  }
}
