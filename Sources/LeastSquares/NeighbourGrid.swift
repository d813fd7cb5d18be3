// Nearest neighbours among points of a photo: cells of a few points each, searched in rings around a point.

/// Points sorted into the cells of a grid.
struct NeighbourGrid {
  private let points: [SIMD2<Double>]
  private let side: Double
  private let origin: SIMD2<Double>
  private let columns: Int
  private let rows: Int
  /// Points of cell c: members[starts[c]..<starts[c + 1]].
  private let starts: [Int]
  private let members: [Int]

  /// - Parameter points: those that are not finite are left out.
  init(_ points: [SIMD2<Double>]) {
    self.points = points
    let finite = points.indices.filter { points[$0].x.magnitude < 1e9 && points[$0].y.magnitude < 1e9 }
    var (low, high) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
    if let first = finite.first {
      (low, high) = (points[first], points[first])
      for index in finite {
        low = pointwiseMin(low, points[index])
        high = pointwiseMax(high, points[index])
      }
    }
    let (corner, extent) = (low, high - low)
    // About four points a cell, were they spread evenly.
    let longer = max(extent.x, extent.y, 1)
    let side = max((extent.x * extent.y * 4 / Double(max(finite.count, 1))).squareRoot(), longer / 256, 1e-3)
    let columns = Int(extent.x / side) + 1
    let rows = Int(extent.y / side) + 1
    var counts = [Int](repeating: 0, count: columns * rows + 1)
    let cells = finite.map { index in
      let place = (points[index] - corner) / side
      return Int(place.y) * columns + Int(place.x)
    }
    for cell in cells { counts[cell + 1] += 1 }
    for cell in 0..<columns * rows { counts[cell + 1] += counts[cell] }
    (origin, self.side, self.columns, self.rows, starts) = (corner, side, columns, rows, counts)
    var members = [Int](repeating: 0, count: finite.count)
    for (index, cell) in zip(finite, cells) {
      members[counts[cell]] = index
      counts[cell] += 1
    }
    self.members = members
  }

  /// The `count` nearest of the other points that are closer than `reach`, nearest first; where distances tie, the
  /// earlier point first.
  func nearest(to index: Int, count: Int, reach: Double) -> [Int] {
    let center = points[index]
    let place = (center - origin) / side
    let (column, row) = (Int(place.x), Int(place.y))
    var found: [(distance: Double, index: Int)] = []
    let farthest = Int(min(reach / side, Double(max(columns, rows)))) + 1
    for ring in 0...farthest {
      // Points of this ring and beyond are farther than this.
      let least = Double(ring - 1) * side
      if found.count >= count {
        found.sort { $0.distance != $1.distance ? $0.distance < $1.distance : $0.index < $1.index }
        found.removeLast(found.count - count)
        if least > 0 && found[count - 1].distance <= least * least { break }
      }
      for y in max(0, row - ring)...max(0, min(rows - 1, row + ring)) {
        let isEdge = abs(y - row) == ring
        for x in stride(from: column - ring, through: column + ring, by: isEdge || ring == 0 ? 1 : 2 * ring)
        where x >= 0 && x < columns && y >= row - ring {
          let cell = y * columns + x
          for other in members[starts[cell]..<starts[cell + 1]] where other != index {
            let offset = points[other] - center
            let squared = (offset * offset).sum()
            if squared < reach * reach { found.append((squared, other)) }
          }
        }
      }
    }
    found.sort { $0.distance != $1.distance ? $0.distance < $1.distance : $0.index < $1.index }
    return found.prefix(count).map(\.index)
  }
}
