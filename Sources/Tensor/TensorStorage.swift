// Tensor memory. Large tensors are mapped from the system (see MappedBlock.swift), since the C library's allocator
// would hold on to their memory, per thread. For the many small tensors of a transformer the allocator is faster.

/// Written only while its tensor is built, hence safe to share.
final class TensorStorage: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Float>
  private let memory: UnsafeMutableRawPointer
  /// Nil if allocated.
  private let block: MappedBlock?

  /// Tensors of at least this size are mapped.
  static let leastMappedBytes = 1 << 22

  init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    block = bytes >= Self.leastMappedBytes ? BlockReserve.shared.take(bytes) : nil
    memory = block?.start ?? .allocate(byteCount: bytes, alignment: 64)
    elements = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: max(count, 1)), count: count)
  }

  deinit {
    if let block { BlockReserve.shared.give(block) } else { memory.deallocate() }
  }
}
