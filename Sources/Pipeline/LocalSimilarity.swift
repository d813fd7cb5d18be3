// The relative rotation and scale of two photos, from matches of which many may be wrong.
//
// Two neighbouring matches span a short vector in each photo. If both are right, the second vector is the first one
// rotated and scaled as the photos are there, whatever the scene's depth; if one is wrong, its direction is random.
// So the mean of the rotations, as unit vectors, points along that of the right matches, and its length (the mean
// resultant length of directional statistics: Mardia and Jupp, Directional Statistics, 2000) is about their share.

import Geometry

/// Rotation and scale ratio between two photos.
struct LocalSimilarity: Equatable {
  /// Number of vectors compared.
  let count: Int
  /// Agreement on the rotation, 0...1: about the share of vectors whose matches are both right.
  let agreement: Double
  /// Quarter turns of the second photo that align it with the first.
  let turns: Int
  /// Share, of the vectors that agree on the rotation, that are enlarged by more than `clearRatio`.
  let enlarged: Double
  /// Share of them that are shrunk by more than that.
  let shrunk: Double

  /// The network itself bridges less; across larger ratios matches are few, and those found understate the ratio.
  static let clearRatio = 1.6
  /// Nearest and farthest neighbours, as multiples of the distance between matches if they cover all of a photo.
  private static let reach = (2.0, 6.0)
  /// More would add nothing.
  private static let mostMatches = 1024

  /// `matches` are best first; `spacing` is the distance of neighbouring points if all of the first photo matches.
  init(_ matches: Correspondences, spacing: Double) {
    let (points0, points1) = (matches.points0, matches.points1)
    var vectors: [(turn: SIMD2<Double>, squaredRatio: Double)] = []
    var sum = SIMD2<Double>.zero
    Self.forEachNeighbours(points0.prefix(Self.mostMatches), spacing) { first, second in
      let (a, b) = (points0[second] - points0[first], points1[second] - points1[first])
      let (squared0, squared1) = ((a * a).sum(), (b * b).sum())
      guard squared1 > 0 else { return }
      // b / a as complex numbers, on the unit circle.
      let turn = SIMD2((a * b).sum(), a.x * b.y - a.y * b.x) / (squared0 * squared1).squareRoot()
      vectors.append((turn, squared1 / squared0))
      sum += turn
    }
    count = vectors.count
    let length = (sum * sum).sum().squareRoot()
    agreement = length / Double(max(count, 1))
    if abs(sum.x) >= abs(sum.y) { turns = sum.x >= 0 ? 0 : 2 } else { turns = sum.y > 0 ? 1 : 3 }
    let agreeing = vectors.filter { ($0.turn * sum).sum() > length * 0.5.squareRoot() }
    let squared = Self.clearRatio * Self.clearRatio
    let number = Double(max(agreeing.count, 1))
    enlarged = Double(agreeing.count { $0.squaredRatio > squared }) / number
    shrunk = Double(agreeing.count { $0.squaredRatio < 1 / squared }) / number
  }

  /// Each pair of points within reach of each other, once.
  private static func forEachNeighbours(
    _ points: ArraySlice<SIMD2<Double>>, _ spacing: Double, _ body: (Int, Int) -> Void
  ) {
    guard spacing > 0, let last = points.map({ $0 / spacing }).reduce(nil, maximum) else { return }
    // The points of each cell of that spacing, as a list.
    func cell(_ point: SIMD2<Double>) -> (x: Int, y: Int) {
      (max(0, Int(point.x / spacing)), max(0, Int(point.y / spacing)))
    }
    let (columns, rows) = (max(0, Int(last.x)) + 1, max(0, Int(last.y)) + 1)
    var heads = [Int](repeating: -1, count: columns * rows)
    var next = [Int](repeating: -1, count: points.count)
    let (nearest, farthest) = (reach.0 * spacing, reach.1 * spacing)
    let cells = Int(reach.1)
    for (index, point) in points.enumerated() {
      let place = cell(point)
      for y in max(0, place.y - cells)...min(rows - 1, place.y + cells) {
        for x in max(0, place.x - cells)...min(columns - 1, place.x + cells) {
          var other = heads[y * columns + x]
          while other >= 0 {
            let vector = point - points[other]
            let squared = (vector * vector).sum()
            if squared >= nearest * nearest && squared <= farthest * farthest { body(other, index) }
            other = next[other]
          }
        }
      }
      next[index] = heads[place.y * columns + place.x]
      heads[place.y * columns + place.x] = index
    }
  }

  private static func maximum(_ a: SIMD2<Double>?, _ b: SIMD2<Double>) -> SIMD2<Double>? {
    a.map { SIMD2(max($0.x, b.x), max($0.y, b.y)) } ?? b
  }
}
