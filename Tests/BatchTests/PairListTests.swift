// Which pairs are matched and in which order.

import Testing

@testable import Batch

@Suite struct PairListTests {
  private let images = ImageFolder(path: "photos", names: ["a.jpg", "b c.jpg", "d.jpg", "sub/e.jpg"])

  @Test func exhaustiveAndSequential() {
    #expect(PairList.exhaustive(count: 0).isEmpty)
    #expect(PairList.exhaustive(count: 1).isEmpty)
    #expect(PairList.exhaustive(count: 3) == [ImagePair(0, 1), ImagePair(0, 2), ImagePair(1, 2)])
    #expect(PairList.sequential(count: 4, overlap: 1) == [ImagePair(0, 1), ImagePair(1, 2), ImagePair(2, 3)])
    #expect(PairList.sequential(count: 4, overlap: 9) == PairList.exhaustive(count: 4))
  }

  @Test func lists() throws {
    let text = "# comment\n\na.jpg d.jpg\r\nd.jpg a.jpg\nb c.jpg\tsub/e.jpg\nd.jpg\ta.jpg\nsub/e.jpg  a.jpg\n"
    let pairs = try PairList.read(text, path: "p", images: images)
    #expect(pairs == [ImagePair(0, 2), ImagePair(1, 3), ImagePair(3, 0)])
  }

  @Test(arguments: ["a.jpg", "a.jpg a.jpg", "a.jpg d.jpg b", "a.jpg\td.jpg\tx", "b c.jpg d.jpg"])
  func malformedLines(line: String) {
    #expect(throws: BatchError.malformedPair(path: "p", line: 2, text: line)) {
      try PairList.read("a.jpg d.jpg\n\(line)\n", path: "p", images: images)
    }
  }

  @Test func unknownNames() {
    #expect(throws: BatchError.unknownImage(path: "p", line: 1, name: "x.jpg", folder: "photos")) {
      try PairList.read("a.jpg x.jpg", path: "p", images: images)
    }
  }

  @Test(arguments: [2, 3, 17, 40]) func orderIsAPermutationThatStaysInPlace(count: Int) {
    let pairs = PairList.exhaustive(count: count)
    let ordered = PairList.ordered(pairs)
    #expect(Set(ordered) == Set(pairs))
    #expect(ordered.count == pairs.count)
    #expect(ordered == PairList.ordered(pairs.reversed()))
  }

  /// What the order is for: with room for 12 of 60 images, few are met again after they had to go.
  @Test func orderServesACache() {
    let count = 60
    func misses(_ pairs: [ImagePair]) -> Int {
      let schedule = UseSchedule(pairs, imageCount: count)
      var (kept, misses): (Set<Int>, Int) = ([], 0)
      for (position, pair) in pairs.enumerated() {
        for image in [pair.first, pair.second] where !kept.contains(image) {
          misses += 1
          if kept.count == 12 {
            let others = kept.subtracting([pair.first, pair.second])
            let victim = others.max { left, right in
              schedule.nextUse(of: left, from: position) ?? .max < schedule.nextUse(of: right, from: position)
                ?? .max
            }
            if let victim { kept.remove(victim) }
          }
          kept.insert(image)
        }
      }
      return misses
    }
    let rows = PairList.exhaustive(count: count)
    #expect(misses(PairList.ordered(rows)) * 4 < misses(rows))
  }

  @Test func nextUses() {
    let schedule = UseSchedule([ImagePair(0, 1), ImagePair(1, 2), ImagePair(0, 2)], imageCount: 4)
    #expect(schedule.nextUse(of: 0, from: 0) == 0)
    #expect(schedule.nextUse(of: 0, from: 1) == 2)
    #expect(schedule.nextUse(of: 1, from: 2) == nil)
    #expect(schedule.nextUse(of: 3, from: 0) == nil)
  }
}
