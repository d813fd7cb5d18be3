// Elements of any floating-point type, packed and little-endian, to float32.

import Tensor

extension ElementType {
  /// False for integers.
  var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .brainFloat16: true
    case .int64, .int32: false
    }
  }

  /// Fills `target` with the elements of `bytes`, which need not be aligned.
  func convert(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>) {
    convert(bytes, view: nil, to: target)
  }

  /// Fills `target`, in row-major order, with the elements that `view` shows of the storage `bytes`; nil for all.
  /// The view lies within the storage (`TensorView.problem` is nil).
  func convert(
    _ bytes: UnsafeRawBufferPointer, view: TensorView?, to target: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .float32: elements(bytes, as: UInt32.self, view, to: target) { Float(bitPattern: $0) }
    case .float16: elements(bytes, as: UInt16.self, view, to: target) { Float(Float16(bitPattern: $0)) }
    case .brainFloat16:
      elements(bytes, as: UInt16.self, view, to: target) { Float(bitPattern: UInt32($0) << 16) }
    case .float64: elements(bytes, as: UInt64.self, view, to: target) { Float(Double(bitPattern: $0)) }
    case .int32, .int64: preconditionFailure("integers make no tensor")
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
  // The place in the storage follows the index of the element like the wheels of an odometer.
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

/// The element at `index` of packed little-endian ones.
func element<Bits: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Bits {
  Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
}
