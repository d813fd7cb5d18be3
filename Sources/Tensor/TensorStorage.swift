// Where tensors live. Large ones are mapped from the system (see MappedBlock.swift): the C library's allocator would
// keep them, and after its first large block it keeps large blocks for every thread that works. Smaller tensors, of
// which a transformer makes many, are quicker out of the allocator.

/// Aligned memory that lives as long as a tensor refers to it. Written only while the tensor is built, hence
/// safe to share.
final class TensorStorage: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Float>
  private let memory: UnsafeMutableRawPointer
  /// The block mapped from the system; nil for memory of the allocator.
  private let block: MappedBlock?

  /// Tensors of at least this many bytes are mapped.
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
