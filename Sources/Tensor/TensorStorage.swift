// Where tensors live. Large ones are mapped from the system and handed back as soon as they are freed: the C
// library's allocator would keep them, and after its first large block it keeps large blocks for every thread that
// works. Huge pages make up for mapping anew: 2 MB cost one page fault, not 512. Smaller tensors, of which a
// transformer makes many, are quicker out of the allocator.

import Glibc

/// Aligned memory that lives as long as a tensor refers to it. Written only while the tensor is built, hence
/// safe to share.
final class TensorStorage: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Float>
  private let memory: UnsafeMutableRawPointer
  /// Bytes mapped from the system; 0 for memory of the allocator.
  private let mappedBytes: Int

  /// Tensors of at least this many bytes are mapped.
  static let leastMappedBytes = 1 << 22
  private static let hugePage = 1 << 21

  init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    if bytes >= Self.leastMappedBytes, let mapping = Self.map(bytes) {
      (memory, mappedBytes) = mapping
    } else {
      (memory, mappedBytes) = (.allocate(byteCount: bytes, alignment: 64), 0)
    }
    elements = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: max(count, 1)), count: count)
  }

  deinit {
    if mappedBytes > 0 { munmap(memory, mappedBytes) } else { memory.deallocate() }
  }

  /// Fresh pages for that many bytes, aligned to huge pages where they fill one; nil if the system has none left.
  private static func map(_ bytes: Int) -> (UnsafeMutableRawPointer, Int)? {
    let pageMask = Int(sysconf(Int32(_SC_PAGESIZE))) - 1
    let length = (bytes + pageMask) & ~pageMask
    let slack = length >= hugePage ? hugePage : 0
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let raw = mmap(nil, length + slack, PROT_READ | PROT_WRITE, flags, -1, 0), raw != MAP_FAILED
    else { return nil }
    guard slack > 0 else { return (raw, length) }
    let head = (hugePage - Int(bitPattern: raw) % hugePage) % hugePage
    if head > 0 { munmap(raw, head) }
    if slack > head { munmap(raw + head + length, slack - head) }
    madvise(raw + head, length / hugePage * hugePage, MADV_HUGEPAGE)
    return (raw + head, length)
  }
}
