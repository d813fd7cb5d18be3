// Blocks of memory mapped from the system, and the few of them that are kept between tensors.
//
// The system hands out pages full of zeros; writing these took a fifth of the time of a convolution at half an
// image's resolution. A network's large maps follow one another in few sizes, so that keeping what was freed last
// saves most of it.

import Glibc
import Synchronization

/// Pages of their own.
struct MappedBlock: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let length: Int

  private static let hugePage = 1 << 21

  /// Fresh pages for at least that many bytes, whole huge pages where they fill one; nil if the system has none left.
  init?(_ bytes: Int) {
    let unit = bytes >= Self.hugePage ? Self.hugePage : Int(sysconf(Int32(_SC_PAGESIZE)))
    let length = (bytes + unit - 1) / unit * unit
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

  /// Gives the pages back to the system.
  func unmap() { munmap(start, length) }
}

/// The blocks freed last, the latest at the end.
final class BlockReserve: Sendable {
  /// The process has one, as it has one allocator.
  static let shared = BlockReserve(mostBlocks: 4, mostBytes: 192 << 20)

  private let mostBlocks: Int
  private let mostBytes: Int
  private let kept = Mutex<[MappedBlock]>([])

  init(mostBlocks: Int, mostBytes: Int) {
    (self.mostBlocks, self.mostBytes) = (mostBlocks, mostBytes)
  }

  /// Bytes of each kept block, the latest last.
  var keptLengths: [Int] { kept.withLock { blocks in blocks.map(\.length) } }

  deinit { kept.withLock { blocks in blocks.forEach { $0.unmap() } } }

  /// A block of at least that many bytes, its content undefined: a kept one if little of it would be wasted. Else
  /// all that is kept goes back to the system first, so that a reserve never adds to the most that was ever in use.
  func take(_ bytes: Int) -> MappedBlock? {
    let (reused, surplus) = kept.withLock { blocks -> (MappedBlock?, [MappedBlock]) in
      let fitting = blocks.indices.filter { bytes...bytes + bytes / 4 + (1 << 21) ~= blocks[$0].length }
      if let best = fitting.min(by: { blocks[$0].length < blocks[$1].length }) {
        return (blocks.remove(at: best), [])
      }
      defer { blocks = [] }
      return (nil, blocks)
    }
    surplus.forEach { $0.unmap() }
    return reused ?? MappedBlock(bytes)
  }

  /// Keeps the block, or others in its place, within the reserve's bounds.
  func give(_ block: MappedBlock) {
    let surplus = kept.withLock { blocks -> [MappedBlock] in
      var surplus: [MappedBlock] = []
      blocks.append(block)
      while blocks.count > mostBlocks || blocks.reduce(0, { $0 + $1.length }) > mostBytes {
        surplus.append(blocks.removeFirst())
      }
      return surplus
    }
    surplus.forEach { $0.unmap() }
  }
}
