// Coarse matching by optimal transport (LoFTR-OT: Sun et al. 2021, section 3.3; the layer is SuperGlue's, Sarlin et
// al. 2020, section 3.2): similarities S = <f0, f1> / channels are extended by a dustbin row and column of one learnt
// score, and a few log-domain Sinkhorn iterations (Cuturi 2013) scale them to an assignment in which every cell has
// mass 1 and each dustbin as much as the other image has cells.
//
// The log assignment is S(i, j) + u(i) + v(j), so only the potentials u and v are kept; each half-iteration, and the
// search for partners, is one pass over tiles of S (see StreamedSimilarity).

import Glibc
import Tensor

/// Settings: `iterations`, `threshold`, `border`, `prefilter` (drop cells whose best partner is the dustbin).
/// Tensors: bin_score, a scalar.
package struct OptimalTransportMatcher: CoarseMatcher {
  private let scale: Float
  private let binScore: Double
  private let iterations: Int
  private let border: Int
  private let prefilter: Bool
  package let defaultThreshold: Float

  package init(_ settings: Settings, channels: Int, from parameters: Parameters) throws {
    scale = 1 / Float(channels)
    binScore = Double(try parameters.tensor("bin_score", []).values[0])
    iterations = try settings.integer("iterations", in: 1...1000)
    defaultThreshold = Float(try settings.number("threshold", in: 0...1))
    border = try settings.integer("border", in: 0...64)
    prefilter = try settings.flag("prefilter")
  }

  package func matches(
    _ first: CoarseFeatures, _ second: CoarseFeatures, threshold: Float, on compute: Compute
  ) -> CoarseMatches {
    let (similarity, potentials) = solved(first, second, on: compute)
    let partners = similarity.partners(rowTerm: potentials.rows, columnTerm: potentials.columns, on: compute)
    let dustbin = Float(binScore)
    return mutualMatches(partners, first, second, border: border) { row, column in
      let logMass = partners.logScore[row]
      if prefilter
        && (dustbin + potentials.rows[row] + potentials.lastColumn > logMass
          || dustbin + potentials.columns[column] + potentials.lastRow > logMass)
      {
        return nil
      }
      let score = expf(logMass)
      return score > threshold ? score : nil
    }
  }

  /// Without the prefilter.
  package func confidence(
    _ first: CoarseFeatures, _ second: CoarseFeatures, on compute: Compute
  ) -> Tensor {
    let (similarity, potentials) = solved(first, second, on: compute)
    return similarity.matrix(on: compute) { expf($0 + potentials.rows[$1] + potentials.columns[$2]) }
  }

  /// Log-domain scalings of rows and columns; `lastRow` and `lastColumn` are the dustbins'.
  struct Potentials: Equatable {
    var rows: [Float]
    var columns: [Float]
    var lastRow: Float
    var lastColumn: Float
  }

  private func solved(
    _ first: CoarseFeatures, _ second: CoarseFeatures, on compute: Compute
  ) -> (StreamedSimilarity, Potentials) {
    let similarity = StreamedSimilarity(
      first: first.validTokens, second: second.validTokens, scale: scale)
    return (
      similarity,
      Self.sinkhorn(similarity, binScore: binScore, iterations: iterations, on: compute)
    )
  }

  static func sinkhorn(
    _ similarity: StreamedSimilarity, binScore: Double, iterations: Int, on compute: Compute
  ) -> Potentials {
    let (rows, columns) = (similarity.rows, similarity.columns)
    let transposed = similarity.transposed
    var result = Potentials(
      rows: [], columns: [Float](repeating: 0, count: columns), lastRow: 0, lastColumn: 0)
    for _ in 0..<iterations {
      (result.rows, result.lastRow) = scaled(
        similarity.rowLogSumExp(adding: result.columns, on: compute), others: result.columns,
        lastOther: result.lastColumn, lastMass: Double(columns), binScore)
      (result.columns, result.lastColumn) = scaled(
        transposed.rowLogSumExp(adding: result.rows, on: compute), others: result.rows,
        lastOther: result.lastRow, lastMass: Double(rows), binScore)
    }
    return result
  }

  /// One side's potentials: log mass minus the log-sum-exp over the other side, dustbin included. `sums` is the
  /// log-sum-exp over the other side's cells only.
  private static func scaled(
    _ sums: [Float], others: [Float], lastOther: Float, lastMass: Double, _ binScore: Double
  ) -> ([Float], Float) {
    let dustbin = binScore + Double(lastOther)
    let potentials = sums.map { Float(-logAddExp(Double($0), dustbin)) }
    // The dustbin has the same score everywhere.
    var (top, sum) = (Double(lastOther), 0.0)
    for other in others { top = max(top, Double(other)) }
    for other in others { sum += exp(Double(other) - top) }
    sum += exp(Double(lastOther) - top)
    return (potentials, Float(log(lastMass) - binScore - top - log(sum)))
  }

  private static func logAddExp(_ a: Double, _ b: Double) -> Double {
    let (high, low) = (max(a, b), min(a, b))
    return high + log1p(exp(low - high))
  }
}
