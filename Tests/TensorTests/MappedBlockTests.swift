// The blocks that large tensors live in, and which of them are kept for reuse.

import Testing

@testable import Tensor

@Suite struct MappedBlockTests {
  private static let megabyte = 1 << 20

  @Test(arguments: [1, 4097, (1 << 21) - 1, 1 << 21, (1 << 21) + 1, 9_000_000]) func blocksHoldTheirBytes(
    bytes: Int
  ) throws {
    let block = try #require(MappedBlock(bytes))
    #expect(block.length >= bytes && UInt(bitPattern: block.start) % 4096 == 0)
    if bytes >= 1 << 21 { #expect(UInt(bitPattern: block.start) % (1 << 21) == 0) }
    for offset in [0, bytes - 1, block.length - 1] {
      block.start.storeBytes(of: 7, toByteOffset: offset, as: UInt8.self)
    }
    #expect(block.start.load(fromByteOffset: block.length - 1, as: UInt8.self) == 7)
    block.unmap()
  }

  @Test func takesTheBlockThatFitsBest() throws {
    let reserve = BlockReserve(mostBlocks: 2, mostBytes: 96 * Self.megabyte)
    let blocks = try [12, 10].map { try #require(MappedBlock($0 * Self.megabyte)) }
    blocks.forEach { reserve.give($0) }
    for expected in blocks.reversed() {
      #expect(try #require(reserve.take(10 * Self.megabyte)).start == expected.start)
    }
    #expect(reserve.keptLengths == [])
    blocks.forEach { $0.unmap() }
  }

  /// Either too small or too much of a waste: what is kept makes way for the new block.
  @Test(arguments: [5, 13]) func givesUpWhatDoesNotFit(megabytes: Int) throws {
    let reserve = BlockReserve(mostBlocks: 2, mostBytes: 96 * Self.megabyte)
    for kept in [12, 10] { reserve.give(try #require(MappedBlock(kept * Self.megabyte))) }
    let block = try #require(reserve.take(megabytes * Self.megabyte))
    #expect(block.length >= megabytes * Self.megabyte && block.length <= (megabytes + 1) * Self.megabyte)
    #expect(reserve.keptLengths == [])
    block.unmap()
  }

  @Test func keepsNoMoreThanItMay() throws {
    let reserve = BlockReserve(mostBlocks: 2, mostBytes: 20 * Self.megabyte)
    func give(_ megabytes: Int...) throws {
      for size in megabytes { reserve.give(try #require(MappedBlock(size * Self.megabyte))) }
    }
    try give(22)
    #expect(reserve.keptLengths == [])
    try give(4, 6, 8)
    #expect(reserve.keptLengths == [6, 8].map { $0 * Self.megabyte })
    try give(14)
    #expect(reserve.keptLengths == [14 * Self.megabyte])
  }

  @Test func largeTensorsAreIndependent() {
    let count = TensorStorage.leastMappedBytes / 4 + 3
    for value in 0..<6 {
      let (first, second) = (Tensor([count], repeating: Float(value)), Tensor([count], repeating: -1))
      let isIntact =
        first.withElements { $0.allSatisfy { $0 == Float(value) } }
        && second.withElements { $0.allSatisfy { $0 == -1 } }
      #expect(isIntact)
    }
  }
}
