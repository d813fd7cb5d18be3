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
    let reserve = BlockReserve(mostBytes: 96 * Self.megabyte)
    let blocks = try [12, 10].map { try #require(reserve.take($0 * Self.megabyte)) }
    blocks.forEach { reserve.give($0) }
    for expected in blocks.reversed() {
      #expect(try #require(reserve.take(10 * Self.megabyte)).start == expected.start)
    }
    #expect(reserve.keptLengths == [])
    blocks.forEach { reserve.give($0) }
  }

  /// Neither too small nor too much of a waste; the oldest make way, as far as they must.
  @Test(arguments: [(4, [14, 10]), (18, [10]), (26, [])]) func neverAddsToTheMostInUse(
    megabytes: Int, kept: [Int]
  ) throws {
    let reserve = BlockReserve(mostBytes: 96 * Self.megabyte)
    let blocks = try [6, 14, 10].map { try #require(reserve.take($0 * Self.megabyte)) }
    blocks.forEach { reserve.give($0) }
    #expect(reserve.keptLengths == [6, 14, 10].map { $0 * Self.megabyte })
    let least = try #require(reserve.take(2 * Self.megabyte))
    let block = try #require(reserve.take(megabytes * Self.megabyte))
    #expect(block.length == megabytes * Self.megabyte)
    #expect(reserve.keptLengths == kept.map { $0 * Self.megabyte })
    reserve.give(least)
    reserve.give(block)
  }

  @Test func keepsNoMoreThanItMay() throws {
    let reserve = BlockReserve(mostBytes: 20 * Self.megabyte)
    let blocks = try [22, 4, 6, 8, 14].map { try #require(reserve.take($0 * Self.megabyte)) }
    for (block, kept) in zip(blocks, [[], [4], [4, 6], [4, 6, 8], [14]]) {
      reserve.give(block)
      #expect(reserve.keptLengths == kept.map { $0 * Self.megabyte })
    }
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
