// A dense array of float32 with a shape: the one value that flows through the network.
//
// Layout is row-major, the last extent contiguous. Feature maps are [height, width, channels], token lists
// [tokens, channels], so that a map's pixels are its tokens without moving a byte. Storage is 64-byte aligned
// and shared, also by a part of a tensor; a tensor never changes once it has been built.

/// A dense row-major float32 array with a shape.
package struct Tensor: Sendable {
  /// Extents, outermost first. Empty for a scalar.
  package let shape: [Int]
  private let storage: TensorStorage
  /// First element in the storage.
  private let offset: Int

  /// Allocates a tensor and lets `fill` write every element; unwritten elements hold undefined values.
  package init(_ shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    let storage = TensorStorage(count: Self.elementCount(shape))
    try fill(storage.elements)
    self.init(shape: shape, storage: storage, offset: 0)
  }

  /// Copies `values`, in row-major order, into a tensor of that shape.
  package init(_ shape: [Int], values: [Float]) {
    precondition(values.count == Self.elementCount(shape), "\(values.count) values for shape \(shape)")
    self.init(shape) { elements in _ = elements.update(fromContentsOf: values) }
  }

  /// A tensor of that shape with every element equal to `value`.
  package init(_ shape: [Int], repeating value: Float) {
    self.init(shape) { $0.update(repeating: value) }
  }

  private init(shape: [Int], storage: TensorStorage, offset: Int) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
    count = Self.elementCount(shape)
  }

  /// Number of elements: the product of the extents.
  package let count: Int

  /// A copy of the elements in row-major order.
  package var values: [Float] { withElements { Array($0) } }

  /// Calls `body` with the elements in row-major order; the pointer is valid during the call only.
  package func withElements<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(rebasing: storage.elements[offset..<offset + count]))
    }
  }

  /// The same elements under another shape of equal count; nothing is copied.
  package func reshaped(_ shape: [Int]) -> Tensor {
    precondition(Self.elementCount(shape) == count, "cannot reshape \(self.shape) to \(shape)")
    return Tensor(shape: shape, storage: storage, offset: offset)
  }

  /// Elements `range` of the outermost extent, as the rows of a map; nothing is copied, and all of the storage lives
  /// on with the part.
  package func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      !shape.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[0], "\(range) of \(shape)")
    let length = Self.elementCount(Array(shape.dropFirst()))
    return Tensor(
      shape: [range.count] + shape.dropFirst(), storage: storage, offset: offset + range.lowerBound * length)
  }

  /// Product of the extents.
  package static func elementCount(_ shape: [Int]) -> Int {
    precondition(shape.allSatisfy { $0 >= 0 }, "negative extent in \(shape)")
    return shape.reduce(1, *)
  }
}

/// Borrows the elements of two tensors at once; see `Tensor.withElements`.
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
