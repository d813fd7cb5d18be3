// The best partner of every row and every column of a similarity matrix, gathered tile by tile.

import CKernels
import Tensor

extension SimilarityTiles {
  /// For each row its best column and for each column its best row under 2 S(i, j) + rowTerm(i) + columnTerm(j), and
  /// each row's value there. Ties go to the lower index.
  func partners(rowTerm: [Float], columnTerm: [Float], on compute: Compute) -> DualSoftmax.Partners {
    let groups = groups.count
    let best = Scratch(repeating: -Float.infinity, count: rows)
    let partner = Scratch(repeating: Int32(-1), count: rows)
    let groupBest = Scratch(repeating: -Float.infinity, count: groups * columns)
    let groupPartner = Scratch(repeating: Int32(-1), count: groups * columns)
    forEach(on: compute) { group, rowRange, columnRange, tile in
      let (row, column) = (rowRange.lowerBound, columnRange.lowerBound)
      let columnOfGroup = group * columns + column
      rowTerm.withUnsafeBufferPointer { rowTerm in
        columnTerm.withUnsafeBufferPointer { columnTerm in
          guard let rowTerm = rowTerm.baseAddress, let columnTerm = columnTerm.baseAddress else { return }
          ck_accumulate_best(
            tile, rowRange.count, columnRange.count, rowTerm + row, columnTerm + column, Int32(row),
            Int32(column), best.start + row, partner.start + row, groupBest.start + columnOfGroup,
            groupPartner.start + columnOfGroup)
        }
      }
    }
    var columnBest = [Float](repeating: -.infinity, count: columns)
    var columnPartner = [Int32](repeating: -1, count: columns)
    for group in 0..<groups {
      for column in 0..<columns where groupBest[group * columns + column] > columnBest[column] {
        columnBest[column] = groupBest[group * columns + column]
        columnPartner[column] = groupPartner[group * columns + column]
      }
    }
    return DualSoftmax.Partners(column: partner.values, logScore: best.values, row: columnPartner)
  }
}
