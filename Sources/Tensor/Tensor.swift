// A dense float32 array with a shape: the one value that flows through the network.
//
// Row-major, the last dimension contiguous. Feature maps are [height, width, channels], token lists [tokens, channels],
// so a map's pixels are its tokens without a copy. Storage is 64-byte aligned and shared, also with views of a part;
// a tensor never changes once built.

package struct Tensor: Sendable {
  /// Outermost first; empty for a scalar.
  package let shape: [Int]
  private let storage: TensorStorage
  private let offset: Int

  /// Allocates a tensor for `fill` to write; elements not written are undefined.
  package init(_ shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    let storage = TensorStorage(count: Self.elementCount(shape))
    try fill(storage.elements)
    self.init(shape: shape, storage: storage, offset: 0)
  }

  package init(_ shape: [Int], values: [Float]) {
    precondition(values.count == Self.elementCount(shape), "\(values.count) values for shape \(shape)")
    self.init(shape) { elements in _ = elements.update(fromContentsOf: values) }
  }

  package init(_ shape: [Int], repeating value: Float) {
    self.init(shape) { $0.update(repeating: value) }
  }

  private init(shape: [Int], storage: TensorStorage, offset: Int) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
    count = Self.elementCount(shape)
  }

  /// Number of elements.
  package let count: Int

  /// A copy of the elements, row-major.
  package var values: [Float] { withElements { Array($0) } }

  /// Calls `body` with the elements, row-major; the pointer is valid only during the call.
  package func withElements<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(rebasing: storage.elements[offset..<offset + count]))
    }
  }

  /// The same elements in another shape of equal count; nothing is copied.
  package func reshaped(_ shape: [Int]) -> Tensor {
    precondition(Self.elementCount(shape) == count, "cannot reshape \(self.shape) to \(shape)")
    return Tensor(shape: shape, storage: storage, offset: offset)
  }

  /// A view of `range` of the outermost dimension; nothing is copied, and the whole storage stays alive.
  package func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      !shape.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[0], "\(range) of \(shape)")
    let length = Self.elementCount(Array(shape.dropFirst()))
    return Tensor(
      shape: [range.count] + shape.dropFirst(), storage: storage, offset: offset + range.lowerBound * length)
  }

  package static func elementCount(_ shape: [Int]) -> Int {
    precondition(shape.allSatisfy { $0 >= 0 }, "negative extent in \(shape)")
    return shape.reduce(1, *)
  }
}

package func borrowElements<Result>(
  _ first: Tensor, _ second: Tensor,
  _ body: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) throws -> Result
) rethrows -> Result {
  try first.withElements { a in try second.withElements { b in try body(a, b) } }
}

/// Borrows the elements of an optional tensor; nil gives a nil base address.
package func borrowElements<Result>(
  _ tensor: Tensor?, _ body: (UnsafePointer<Float>?) throws -> Result
) rethrows -> Result {
  guard let tensor else { return try body(nil) }
  return try tensor.withElements { try body($0.baseAddress) }
}
