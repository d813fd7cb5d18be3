// The keypoints of one image, with nearest-neighbour search. A sorted list of grid cells, 12 bytes per keypoint, as
// thousands of images are in memory at once.

/// Most votes first.
package struct Keypoints: Sendable {
  /// In pixels of the image.
  package let positions: [SIMD2<Double>]
  /// Summed weight of the votes for each keypoint.
  package let weights: [Double]
  /// How far a match may be from its keypoint, in pixels of the image.
  package let maximumError: Double
  /// Cells of the keypoints, ascending, and the keypoint in each.
  private let cells: [GridCell]
  private let members: [Int32]

  package init(positions: [SIMD2<Double>], weights: [Double], maximumError: Double) {
    precondition(positions.count == weights.count, "every keypoint has a weight")
    precondition(maximumError > 0, "the error that is allowed is positive")
    self.positions = positions
    self.weights = weights
    self.maximumError = maximumError
    let homes = positions.map { GridCell(of: $0, size: maximumError) }
    let order = positions.indices.sorted { (homes[$0], $0) < (homes[$1], $1) }
    cells = order.map { homes[$0] }
    members = order.map { Int32($0) }
  }

  /// The keypoints at `indices`, in that order.
  package func keeping(_ indices: [Int]) -> Keypoints {
    Keypoints(
      positions: indices.map { positions[$0] }, weights: indices.map { weights[$0] },
      maximumError: maximumError)
  }

  package var count: Int { positions.count }

  /// The nearest keypoint within `maximumError`, or nil; ties go to the one with more votes.
  package func nearest(to point: SIMD2<Double>) -> Int? {
    let home = GridCell(of: point, size: maximumError)
    var best: (index: Int, distance: Double)?
    for down in Int32(-1)...1 {
      // The three cells of a row are adjacent in the list.
      let last = GridCell(row: home.row &+ down, column: home.column &+ 1)
      var place = firstPlace(of: GridCell(row: home.row &+ down, column: home.column &- 1))
      while place < cells.count && cells[place] <= last {
        let index = Int(members[place])
        let distance = squaredLength(positions[index] - point)
        if distance <= maximumError * maximumError
          && best.map({ (distance, index) < ($0.distance, $0.index) }) ?? true
        {
          best = (index, distance)
        }
        place += 1
      }
    }
    return best?.index
  }

  /// Where `cell` is in the list, or would be inserted.
  private func firstPlace(of cell: GridCell) -> Int {
    var (low, high) = (0, cells.count)
    while low < high {
      let middle = (low + high) / 2
      if cells[middle] < cell { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
