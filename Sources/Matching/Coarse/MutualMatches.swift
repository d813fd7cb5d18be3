// From best partners to pairs of cells, shared by the coarse matchers.

/// Mutual best partners at least `border` cells away from the edges of their grids, ordered by `cells0`. `score` may
/// return nil to drop a pair (row, column) of valid cells.
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
  /// Whether a cell is at least `border` cells away from the edges of the valid grid.
  func isInside(_ cell: Int, border: Int) -> Bool {
    let (row, column) = (cell / columns, cell % columns)
    return row >= border && column >= border && row < validRows - border && column < validColumns - border
  }
}
