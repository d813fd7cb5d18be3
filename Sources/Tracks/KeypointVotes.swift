// An image's matches vote for its keypoints, as in hloc's match_dense: each match votes, weighted by its score, for the
// cell it lies in; points of one cell become one keypoint in all pairs. Unlike in hloc, a keypoint is the weighted mean
// of its votes, not the cell's centre, and cells closer than the allowed error (points on a border vote for either
// side) are merged into the one with more votes.

package struct KeypointVotes: Sendable {
  /// Weight and weighted coordinates.
  private struct Sum {
    var weight = 0.0
    var point = SIMD2<Double>.zero

    var mean: SIMD2<Double> { point / weight }

    static func += (left: inout Sum, right: Sum) {
      left.weight += right.weight
      left.point += right.point
    }
  }

  /// A match of score 0 is still a match.
  private static let leastWeight = 1e-6

  private let cellSize: Double
  private var sums: [GridCell: Sum] = [:]

  /// `cellSize` is in pixels of the image.
  package init(cellSize: Double) {
    precondition(cellSize > 0, "cells have a positive size")
    self.cellSize = cellSize
  }

  package var cellCount: Int { sums.count }

  /// Adds a match's vote: a finite point of the image, and a weight in 0...1.
  package mutating func add(_ point: SIMD2<Double>, weight: Double) {
    let weight = max(weight, Self.leastWeight)
    sums[GridCell(of: point, size: cellSize), default: Sum()] += Sum(weight: weight, point: weight * point)
  }

  /// The keypoints, most votes first. `maximumError`: how far a match may be from its keypoint, in pixels.
  package func keypoints(maximumError: Double) -> Keypoints {
    // A total order, so that the result does not depend on the dictionary's.
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

/// A cell of a square grid that starts at the corner of the first pixel, (-0.5, -0.5).
struct GridCell: Hashable, Comparable {
  let row: Int32
  let column: Int32

  var neighbourhood: [GridCell] {
    (-1...1).flatMap { down in
      (-1...1).map { GridCell(row: row &+ Int32(down), column: column &+ Int32($0)) }
    }
  }

  static func < (left: GridCell, right: GridCell) -> Bool {
    (left.row, left.column) < (right.row, right.column)
  }
}

extension GridCell {
  init(of point: SIMD2<Double>, size: Double) {
    self.init(
      row: Int32(clamping: Int(((point.y + 0.5) / size).rounded(.down))),
      column: Int32(clamping: Int(((point.x + 0.5) / size).rounded(.down))))
  }
}

func squaredLength(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum() }
