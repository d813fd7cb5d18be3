// The bound on the keys of aggregated attention.

import Tensor
import Testing
import TestSupport

@testable import Matching

@Suite struct AggregatedAttentionTests {
  static let compute = Compute(threads: 3)
  static let channels = 8

  private func layer(mostKeys: Double?) throws -> AggregatedAttentionLayer {
    var random = SeededGenerator(4)
    func tensor(_ shape: [Int]) -> Tensor {
      Tensor(shape, values: (0..<Tensor.elementCount(shape)).map { _ in random.unit() - 0.5 })
    }
    let width = Self.channels
    var settings: [String: Setting] = ["aggregation": .number(2)]
    settings["mostKeys"] = mostKeys.map { .number($0) }
    return try AggregatedAttentionLayer(
      role: .cross, channels: width, heads: 2, settings: Settings(settings),
      from: Parameters([
        "aggregate.weight": tensor([width, 1, 2, 2]), "q_proj.weight": tensor([width, width]),
        "k_proj.weight": tensor([width, width]), "v_proj.weight": tensor([width, width]),
        "merge.weight": tensor([width, width]), "mlp.0.weight": tensor([2 * width, 2 * width]),
        "mlp.2.weight": tensor([width, 2 * width]), "norm1.weight": tensor([width]),
        "norm1.bias": tensor([width]),
        "norm2.weight": tensor([width]), "norm2.bias": tensor([width]),
      ]))
  }

  private func map(_ height: Int, _ width: Int, seed: UInt64) -> Tensor {
    var random = SeededGenerator(seed)
    return Tensor(
      [1, height, width, Self.channels],
      values: (0..<height * width * Self.channels).map { _ in random.unit() })
  }

  @Test func keysBelowTheBoundAreAllAttendedTo() throws {
    let (tokens, source) = (map(8, 6, seed: 1), map(12, 10, seed: 2))
    let all = try layer(mostKeys: nil)(tokens, attendingTo: source, on: Self.compute)
    let enough = try layer(mostKeys: 30)(tokens, attendingTo: source, on: Self.compute)
    #expect(all.values == enough.values)
    let few = try layer(mostKeys: 29)(tokens, attendingTo: source, on: Self.compute)
    #expect(few.shape == tokens.shape && few.values.allSatisfy(\.isFinite))
    #expect(relativeError(few, all) > 1e-4)
  }

  @Test func keysThatAreAlikeCanBeFewer() throws {
    let tokens = map(8, 6, seed: 1)
    let source = Tensor([1, 14, 10, Self.channels], repeating: 0.3)
    let all = try layer(mostKeys: nil)(tokens, attendingTo: source, on: Self.compute)
    for bound in [1, 7, 20] {
      let few = try layer(mostKeys: Double(bound))(tokens, attendingTo: source, on: Self.compute)
      #expect(relativeError(few, all) < 1e-5)
    }
  }

  @Test(arguments: [(1, 1), (5, 7), (135, 240), (3000, 2), (1, 40000), (160, 120)], [1, 30, 3072])
  func theGridIsAsLargeAsAllowedAndEven(extents: (Int, Int), bound: Int) {
    let (rows, columns) = extents
    let grid = AggregatedAttentionLayer.attendedGrid(rows: rows, columns: columns, mostKeys: bound)
    #expect(grid.rows <= rows && grid.columns <= columns && grid.rows * grid.columns <= bound)
    if rows * columns <= bound {
      #expect(grid == (rows, columns))
    } else if min(rows, columns) > 1 {
      // Another row or column would be too many, but for rounding.
      #expect((grid.rows + 1) * (grid.columns + 1) > bound)
    }
    let map = Tensor([rows, columns, 1], values: (0..<rows * columns).map(Float.init))
    let places = map.sampled(grid).values.map { (row: Int($0) / columns, column: Int($0) % columns) }
    #expect(places.count == grid.rows * grid.columns)
    for (index, place) in places.enumerated() {
      // Each lies in its own part, no farther than a place from the part's middle.
      let middle = (Double(index / grid.columns) + 0.5) * Double(rows) / Double(grid.rows) - 0.5
      #expect(abs(Double(place.row) - middle) <= 0.5)
      let across = (Double(index % grid.columns) + 0.5) * Double(columns) / Double(grid.columns) - 0.5
      #expect(abs(Double(place.column) - across) <= 0.5)
    }
  }
}
