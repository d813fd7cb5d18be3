// Memory blocks mapped from the system, and a reserve that recycles them.
//
// The system hands out zeroed pages, and touching them first took a fifth of the time of a convolution at half
// resolution. A network's large maps come in few sizes, so keeping freed blocks saves most of that.

import Glibc
import Synchronization

struct MappedBlock: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let length: Int

  private static let hugePage = 1 << 21

  /// Blocks of that many bytes are aligned to, and a multiple of, this.
  private static func unit(for bytes: Int) -> Int {
    bytes >= hugePage ? hugePage : Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Size of a block for at least that many bytes.
  static func length(for bytes: Int) -> Int {
    let unit = unit(for: bytes)
    return (bytes + unit - 1) / unit * unit
  }

  /// Fresh pages for at least that many bytes, huge pages if large enough; nil if the system is out of memory.
  init?(_ bytes: Int) {
    let (unit, length) = (Self.unit(for: bytes), Self.length(for: bytes))
    let slack = bytes >= Self.hugePage ? Self.hugePage : 0
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let raw = mmap(nil, length + slack, PROT_READ | PROT_WRITE, flags, -1, 0), raw != MAP_FAILED
    else { return nil }
    (start, self.length) = (raw + (unit - Int(bitPattern: raw) % unit) % unit, length)
    guard slack > 0 else { return }
    let head = start - raw
    if head > 0 { munmap(raw, head) }
    if slack > head { munmap(start + length, slack - head) }
    madvise(start, length, MADV_HUGEPAGE)
  }

  func unmap() { munmap(start, length) }
}

/// Freed blocks kept for reuse. Kept and used blocks together never exceed the peak use so far, so that the reserve
/// does not raise the peak memory of the process.
final class BlockReserve: Sendable {
  /// The process has one, as it has one allocator.
  static let shared = BlockReserve(mostBytes: 192 << 20)

  private struct State {
    /// Newest last.
    var kept: [MappedBlock] = []
    var bytesInUse = 0
    var mostBytesInUse = 0

    /// Removes the oldest blocks until at most `limit` bytes are kept.
    mutating func surplus(over limit: Int) -> [MappedBlock] {
      var surplus: [MappedBlock] = []
      var bytes = kept.reduce(0) { $0 + $1.length }
      while bytes > limit {
        surplus.append(kept.removeFirst())
        bytes -= surplus.last?.length ?? 0
      }
      return surplus
    }
  }

  private let mostBytes: Int
  private let state = Mutex(State())

  init(mostBytes: Int) { self.mostBytes = mostBytes }

  /// Bytes of each kept block, newest last.
  var keptLengths: [Int] { state.withLock { $0.kept.map(\.length) } }

  deinit { state.withLock { state in state.kept.forEach { $0.unmap() } } }

  /// A block of at least that many bytes with undefined content: a kept one if little of it would be wasted.
  func take(_ bytes: Int) -> MappedBlock? {
    let (reused, surplus) = state.withLock { state -> (MappedBlock?, [MappedBlock]) in
      let length = MappedBlock.length(for: bytes)
      let fitting = state.kept.indices.filter { length...length + length / 4 ~= state.kept[$0].length }
      let best = fitting.min { state.kept[$0].length < state.kept[$1].length }
      let reused = best.map { state.kept.remove(at: $0) }
      state.bytesInUse += reused?.length ?? length
      state.mostBytesInUse = max(state.mostBytesInUse, state.bytesInUse)
      return (reused, state.surplus(over: state.mostBytesInUse - state.bytesInUse))
    }
    surplus.forEach { $0.unmap() }
    guard let block = reused ?? MappedBlock(bytes) else {
      state.withLock { $0.bytesInUse -= MappedBlock.length(for: bytes) }
      return nil
    }
    return block
  }

  /// Keeps a block that was taken, or unmaps it or older ones.
  func give(_ block: MappedBlock) {
    let surplus = state.withLock { state in
      state.bytesInUse -= block.length
      state.kept.append(block)
      return state.surplus(over: mostBytes)
    }
    surplus.forEach { $0.unmap() }
  }
}
