// Maps built tile by tile against the same maps built at once.

import Tensor
import Testing
import TestSupport

@testable import Backbone
@testable import Matching

@Suite struct RowTileTests {
  static let compute = Compute(threads: 3)

  /// Heights that tiles of 8 rows divide, leave one row of, and leave most of.
  @Test(arguments: [8, 16, 17, 31, 40], [Alignment.edges, .cornerPixels])
  func tilesMakeTheWholeMap(height: Int, alignment: Alignment) throws {
    let (width, lateral, above) = (13, 5, 7)
    var random = SeededGenerator(height)
    func tensor(_ shape: [Int]) -> Tensor {
      Tensor(shape, values: (0..<Tensor.elementCount(shape)).map { _ in 2 * random.unit() - 1 })
    }
    let merge = try LoFTRMerge(
      lateral: lateral, above: above, name: "out", alignment: alignment,
      from: Parameters([
        "out.weight": tensor([above, lateral, 1, 1]), "out2.0.weight": tensor([above, above, 3, 3]),
        "out2.1.weight": tensor([above]), "out2.1.bias": tensor([above]),
        "out2.1.running_mean": tensor([above]),
        "out2.1.running_var": Tensor([above], repeating: 0.7),
        "out2.3.weight": tensor([lateral, above, 3, 3]),
      ]))
    let (map, small) = (
      tensor([height, width, lateral]), tensor([(height + 1) / 2, (width + 1) / 2, above])
    )
    let whole = merge(map, above: small, on: Self.compute)
    let tiled = merge(
      map, above: small, tiles: RowTiles(halo: 2, bytes: 1, leastRows: 8), on: Self.compute)
    #expect(relativeError(tiled, whole) < 1e-5)
  }

  @Test func rowsOfATensorShareItsElements() {
    let tensor = Tensor([4, 2, 3], values: (0..<24).map(Float.init))
    let part = tensor.rows(1..<3)
    #expect(part.shape == [2, 2, 3] && part.values == (6..<18).map(Float.init))
    #expect(part.rows(1..<2).reshaped([6]).values == (12..<18).map(Float.init))
    #expect(tensor.rows(2..<2).values.isEmpty)
  }
}
