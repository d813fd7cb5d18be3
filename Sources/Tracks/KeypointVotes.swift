// Votes of all matches of one image for keypoints, in the manner of hloc's match_dense: each match votes, weighted by
// its score, for the cell that it lies in; points of one cell become one keypoint for all pairs. Unlike there, the
// position is the weighted mean of the votes, not the cell's centre, and cells closer than the allowed error (a point
// on the border of two cells votes for either) are joined to the one with more votes.

/// The votes of one image.
package struct KeypointVotes: Sendable {
  /// Weight and weighted coordinates of some votes.
  private struct Sum {
    var weight = 0.0
    var point = SIMD2<Double>.zero

    var mean: SIMD2<Double> { point / weight }

    static func += (left: inout Sum, right: Sum) {
      left.weight += right.weight
      left.point += right.point
    }
  }

  /// Votes never weigh nothing: a match of score 0 is a match all the same.
  private static let leastWeight = 1e-6

  private let cellSize: Double
  private var sums: [GridCell: Sum] = [:]

  /// No votes yet; `cellSize` in pixels of the image.
  package init(cellSize: Double) {
    precondition(cellSize > 0, "cells have a positive size")
    self.cellSize = cellSize
  }

  package var cellCount: Int { sums.count }

  /// Adds the vote of one match: a point of the image, finite, and a weight, 0...1.
  package mutating func add(_ point: SIMD2<Double>, weight: Double) {
    let weight = max(weight, Self.leastWeight)
    sums[GridCell(of: point, size: cellSize), default: Sum()] += Sum(weight: weight, point: weight * point)
  }

  /// The keypoints, most votes first.
  ///
  /// - Parameter maximumError: how far a match may be from its keypoint, pixels of the image.
  package func keypoints(maximumError: Double) -> Keypoints {
    // A strict order, so that the result does not depend on the dictionary's.
    let cells = sums.sorted { ($1.value.weight, $0.key) < ($0.value.weight, $1.key) }
    var found: [Sum] = []
    var seeds: [SIMD2<Double>] = []
    var grid: [GridCell: [Int]] = [:]
    for (_, sum) in cells {
      let point = sum.mean
      let home = GridCell(of: point, size: maximumError)
      var nearest: (index: Int, distance: Double)?
      for cell in home.neighbourhood {
        for index in grid[cell] ?? [] {
          let distance = squaredLength(seeds[index] - point)
          if distance <= maximumError * maximumError && distance < nearest?.distance ?? .infinity {
            nearest = (index, distance)
          }
        }
      }
      if let nearest {
        found[nearest.index] += sum
      } else {
        grid[home, default: []].append(found.count)
        found.append(sum)
        seeds.append(point)
      }
    }
    let order = found.indices.sorted { (found[$1].weight, $0) < (found[$0].weight, $1) }
    return Keypoints(
      positions: order.map { found[$0].mean }, weights: order.map { found[$0].weight },
      maximumError: maximumError)
  }
}

/// A cell of a square grid whose first cell starts at the corner of the first pixel, (-0.5, -0.5).
struct GridCell: Hashable, Comparable {
  let row: Int32
  let column: Int32

  init(row: Int32, column: Int32) {
    self.row = row
    self.column = column
  }

  init(of point: SIMD2<Double>, size: Double) {
    row = Int32(clamping: Int(((point.y + 0.5) / size).rounded(.down)))
    column = Int32(clamping: Int(((point.x + 0.5) / size).rounded(.down)))
  }

  /// The cell and the eight around it.
  var neighbourhood: [GridCell] {
    (-1...1).flatMap { down in
      (-1...1).map { GridCell(row: row &+ Int32(down), column: column &+ Int32($0)) }
    }
  }

  static func < (left: GridCell, right: GridCell) -> Bool {
    (left.row, left.column) < (right.row, right.column)
  }
}

/// The square of a vector's length.
func squaredLength(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum() }
