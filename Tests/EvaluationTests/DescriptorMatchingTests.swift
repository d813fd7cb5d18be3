// The shim's exact nearest neighbours against a naive search in double precision, over sizes that do not fill tiles.

import COpenCV
import Testing
import TestSupport

@Suite struct DescriptorMatchingTests {
  struct Match: Equatable {
    var index0: Int
    var index1: Int
    var score: Double
  }

  struct Case: Sendable, CustomStringConvertible {
    var count0: Int
    var count1: Int
    var length: Int
    var ratio: Double
    var mutual: Bool
    var description: String { "\(count0) x \(count1), length \(length), ratio \(ratio), mutual \(mutual)" }
  }

  static let cases: [Case] = [
    Case(count0: 1, count1: 2, length: 1, ratio: 1, mutual: false),
    Case(count0: 5, count1: 15, length: 3, ratio: 1, mutual: true),
    Case(count0: 6, count1: 16, length: 128, ratio: 0.95, mutual: true),
    Case(count0: 7, count1: 17, length: 61, ratio: 1, mutual: false),
    Case(count0: 500, count1: 333, length: 32, ratio: 0.9, mutual: true),
    Case(count0: 777, count1: 1001, length: 61, ratio: 0.95, mutual: true),
    Case(count0: 1001, count1: 450, length: 128, ratio: 0.97, mutual: false),
    Case(count0: 13000, count1: 40, length: 8, ratio: 1, mutual: true),
  ]

  @Test(arguments: cases)
  func floatsMatchTheNaiveSearch(_ test: Case) throws {
    var generator = SeededGenerator(7)
    let first = (0..<test.count0).map { _ in
      (0..<test.length).map { _ in Float.random(in: -1...1, using: &generator) }
    }
    // Half of the second set are noisy copies, so that the ratio test accepts some and refuses others.
    let second = (0..<test.count1).map { index in
      let source = first[index % test.count0]
      return (0..<test.length).map { d in
        index % 2 == 0
          ? source[d] + 0.3 * Float.random(in: -1...1, using: &generator)
          : Float.random(in: -1...1, using: &generator)
      }
    }
    let expected = naive(first, second, test) { a, b in
      zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        .squareRoot()
    }
    let found = try match(first.flatMap { $0 }, second.flatMap { $0 }, test, binary: false)
    try compare(found, expected, test)
  }

  @Test(arguments: cases)
  func bitsMatchTheNaiveSearch(_ test: Case) throws {
    var generator = SeededGenerator(8)
    let first = (0..<test.count0).map { _ in
      (0..<test.length).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    let second = (0..<test.count1).map { index in
      let source = first[index % test.count0]
      return (0..<test.length).map { d in
        index % 2 == 0
          ? source[d] ^ (1 << UInt8.random(in: 0...7, using: &generator))
          : UInt8.random(in: 0...255, using: &generator)
      }
    }
    let expected = naive(first, second, test) { a, b in
      Double(zip(a, b).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount })
    }
    let found = try match(first.flatMap { $0 }, second.flatMap { $0 }, test, binary: true)
    try compare(found, expected, test)
  }

  @Test func withoutARunnerUpThereIsNoMatch() throws {
    let test = Case(count0: 3, count1: 1, length: 2, ratio: 1, mutual: false)
    #expect(
      try match([Float](repeating: 1, count: 6), [Float](repeating: 1, count: 2), test, binary: false).isEmpty
    )
    // Two equal candidates: the ratio is 1, whatever the distance.
    var twins = Case(count0: 1, count1: 2, length: 2, ratio: 0.99, mutual: false)
    #expect(try match([Float]([1, 2]), [Float]([3, 5, 3, 5]), twins, binary: false).isEmpty)
    twins.ratio = 1
    #expect(
      try match([Float]([1, 2]), [Float]([3, 5, 3, 5]), twins, binary: false)
        == [Match(index0: 0, index1: 0, score: 0)])
  }

  // MARK: - The naive search

  private func naive<Value>(
    _ first: [[Value]], _ second: [[Value]], _ test: Case, distance: ([Value], [Value]) -> Double
  ) -> [Match] {
    let distances = first.map { a in second.map { distance(a, $0) } }
    return first.indices.compactMap { row in
      let order = second.indices.sorted { (distances[row][$0], $0) < (distances[row][$1], $1) }
      guard order.count > 1 else { return nil }
      let (best, runnerUp) = (distances[row][order[0]], distances[row][order[1]])
      if test.mutual,
        first.indices.contains(where: { other in
          let distance = distances[other][order[0]]
          return distance < best || (distance == best && other < row)
        })
      {
        return nil
      }
      guard best <= test.ratio * runnerUp else { return nil }
      return Match(index0: row, index1: order[0], score: runnerUp > 0 ? 1 - best / runnerUp : 0)
    }
  }

  private func compare(_ found: [Match], _ expected: [Match], _ test: Case) throws {
    try #require(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(a.index0 == b.index0 && a.index1 == b.index1 && abs(a.score - b.score) < 1e-9)
    }
    if test.count0 >= 500 && test.count0 < 2000 {
      #expect(
        expected.count > 50 && expected.count < test.count0, "the case tests nothing: \(expected.count)")
    }
  }

  private func match<Value: BitwiseCopyable>(_ first: [Value], _ second: [Value], _ test: Case, binary: Bool)
    throws -> [Match]
  {
    var indices0 = [Int32](repeating: -1, count: test.count0)
    var indices1 = indices0
    var scores = [Double](repeating: .nan, count: test.count0)
    var count = 0
    let status = cocv_match_descriptors(
      first, test.count0, second, test.count1, test.length, binary ? 1 : 0, test.ratio, test.mutual ? 1 : 0,
      2,
      &indices0, &indices1, &scores, &count, nil, 0)
    try #require(status == COCV_OK)
    return (0..<count).map { Match(index0: Int(indices0[$0]), index1: Int(indices1[$0]), score: scores[$0]) }
  }
}
