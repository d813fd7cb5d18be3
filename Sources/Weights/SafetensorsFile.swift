// Reading a safetensors file: every tensor as float32, integers as they are.
//
// The file need not be trusted (see SafetensorsHeader). Its bytes are read once and may go afterwards.

import Tensor

/// The content of a safetensors file.
package struct SafetensorsFile: Sendable {
  /// Free texts of the file.
  package let metadata: [String: String]
  /// Tensors of floats (F32, F16, BF16, F64) by name, converted to float32; all values are finite.
  package let tensors: [String: Tensor]
  /// Tensors of integers (I32, I64) by name, flattened in row-major order.
  package let integers: [String: [Int]]
  /// The file's own name of the type of each tensor of integers.
  let integerTypes: [String: String]

  /// Reads a file that lies in memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; not kept.
  ///   - source: its name in error messages.
  /// - Throws: `WeightsError`.
  package init(bytes: UnsafeRawBufferPointer, source: String) throws(WeightsError) {
    let header = try SafetensorsHeader(bytes, source: source)
    let data = UnsafeRawBufferPointer(rebasing: bytes[header.dataStart...])
    var tensors: [String: Tensor] = [:]
    var integers: [String: [Int]] = [:]
    var integerTypes: [String: String] = [:]
    for entry in header.entries {
      let bytes = UnsafeRawBufferPointer(rebasing: data[entry.range])
      switch entry.type {
      case .int32: integers[entry.name] = elements(bytes, as: UInt32.self) { Int(Int32(bitPattern: $0)) }
      case .int64: integers[entry.name] = elements(bytes, as: UInt64.self) { Int(Int64(bitPattern: $0)) }
      case .float64, .float32, .float16, .brainFloat16:
        let tensor = Tensor(entry.shape) { entry.type.convert(bytes, to: $0) }
        guard tensor.isFinite else { throw .notFinite(source: source, tensor: entry.name) }
        tensors[entry.name] = tensor
      }
      if integers[entry.name] != nil { integerTypes[entry.name] = entry.type.rawValue }
    }
    metadata = header.metadata
    self.tensors = tensors
    self.integers = integers
    self.integerTypes = integerTypes
  }

  /// Reads a file from disk.
  /// Throws `WeightsError`, also where it is missing, a directory, no regular file, or over 1 GB.
  package init(path: String) throws(WeightsError) {
    let file = try FileSource(path: path)
    self = try file.bytes(0..<file.count).withUnsafeBytes { bytes in
      Result { () throws(WeightsError) in try Self(bytes: bytes, source: path) }
    }.get()
  }

}

private func elements<Bits: FixedWidthInteger>(
  _ bytes: UnsafeRawBufferPointer, as type: Bits.Type, _ value: (Bits) -> Int
) -> [Int] {
  (0..<bytes.count / MemoryLayout<Bits>.size).map { value(element(bytes, $0)) }
}

extension Tensor {
  /// True if no element is infinite or not a number.
  var isFinite: Bool {
    withElements { elements in
      var worst: UInt32 = 0
      for element in elements { worst = max(worst, element.bitPattern & 0x7FFF_FFFF) }
      return worst < Float.infinity.bitPattern
    }
  }
}
