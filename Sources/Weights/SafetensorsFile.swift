import Tensor

/// The content of a safetensors file, which need not be trusted.
package struct SafetensorsFile: Sendable {
  package let metadata: [String: String]
  /// Float tensors (F32, F16, BF16, F64), converted to float32; all values are finite.
  package let tensors: [String: Tensor]
  /// Integer tensors (I32, I64), flattened in row-major order.
  package let integers: [String: [Int]]
  /// The file's type names of the integer tensors.
  let integerTypes: [String: String]

  /// Reads a file in memory. `bytes` are not kept; `source` is the name in error messages.
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

  /// Also throws if the file is missing, a directory, not a regular file, or over 1 GB.
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
  /// Whether all elements are finite.
  var isFinite: Bool {
    withElements { elements in
      var worst: UInt32 = 0
      for element in elements { worst = max(worst, element.bitPattern & 0x7FFF_FFFF) }
      return worst < Float.infinity.bitPattern
    }
  }
}
