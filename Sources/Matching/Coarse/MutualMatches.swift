// From best partners to pairs of cells: what the coarse matching rules share.

/// Pairs of valid cells that are each other's best partner and at least `border` cells away from the edges of their
/// grids, ordered by the first image's cell.
///
/// - Parameter score: of the pair (row, column) of valid cells, or nil to drop it.
func mutualMatches(
  _ partners: DualSoftmax.Partners, _ first: CoarseFeatures, _ second: CoarseFeatures, border: Int,
  score: (_ row: Int, _ column: Int) -> Float?
) -> CoarseMatches {
  let (cells0, cells1) = (first.validCells, second.validCells)
  var result = CoarseMatches()
  for (row, column) in partners.column.enumerated() where column >= 0 {
    let column = Int(column)
    guard partners.row[column] == Int32(row), first.isInside(cells0[row], border: border),
      second.isInside(cells1[column], border: border), let score = score(row, column)
    else { continue }
    result.cells0.append(cells0[row])
    result.cells1.append(cells1[column])
    result.scores.append(score)
  }
  return result
}

extension CoarseFeatures {
  /// True for cells at least `border` away from the edges of the valid grid.
  func isInside(_ cell: Int, border: Int) -> Bool {
    let (row, column) = (cell / columns, cell % columns)
    return row >= border && column >= border && row < validRows - border && column < validColumns - border
  }
}
