import Tensor

extension ElementType {
  var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .brainFloat16: true
    case .int64, .int32: false
    }
  }

  /// Converts packed little-endian elements, which need not be aligned, to float32.
  func convert(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>) {
    convert(bytes, view: nil, to: target)
  }

  /// Fills `target` in row-major order with a view of the storage `bytes`, or with all of it if nil. The view must lie
  /// within the storage (`TensorView.problem` is nil).
  func convert(
    _ bytes: UnsafeRawBufferPointer, view: TensorView?, to target: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .float32: elements(bytes, as: UInt32.self, view, to: target) { Float(bitPattern: $0) }
    case .float16: elements(bytes, as: UInt16.self, view, to: target) { Float(Float16(bitPattern: $0)) }
    case .brainFloat16:
      elements(bytes, as: UInt16.self, view, to: target) { Float(bitPattern: UInt32($0) << 16) }
    case .float64: elements(bytes, as: UInt64.self, view, to: target) { Float(Double(bitPattern: $0)) }
    case .int32, .int64: preconditionFailure("integers are not converted")
    }
  }
}

@inline(__always)
private func elements<Bits: FixedWidthInteger>(
  _ bytes: UnsafeRawBufferPointer, as type: Bits.Type, _ view: TensorView?,
  to target: UnsafeMutableBufferPointer<Float>, _ value: (Bits) -> Float
) {
  guard let view, !view.isContiguous else {
    let offset = view?.offset ?? 0
    for index in target.indices { target[index] = value(element(bytes, offset + index)) }
    return
  }
  guard !target.isEmpty else { return }
  // The index counts like an odometer, and the place in the storage follows it.
  var index = [Int](repeating: 0, count: view.shape.count)
  var place = view.offset
  for position in target.indices {
    target[position] = value(element(bytes, place))
    for axis in index.indices.reversed() {
      index[axis] += 1
      place += view.strides[axis]
      guard index[axis] == view.shape[axis] else { break }
      index[axis] = 0
      place -= view.strides[axis] * view.shape[axis]
    }
  }
}

/// Element `index` of packed little-endian ones.
func element<Bits: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Bits {
  Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
}
